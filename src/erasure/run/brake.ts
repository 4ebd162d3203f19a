/** SQL over a row `p` of `expunge.pauses`: whether it holds the work of this account and request. Both are SQL too. */
export function holds(account: string, request: string): string {
  return `((p.account_id IS NULL AND p.request_id IS NULL) OR p.account_id = ${account} OR p.request_id = ${request})`;
}

/** SQL: whether the work of this account and request rests. Asked in every transaction that works for it. */
export function isPaused(account: string, request: string): string {
  return `EXISTS (SELECT FROM expunge.pauses p WHERE ${holds(account, request)})`;
}

/** SQL: whether all work of this account rests, so that nobody has to look at its rows. */
export function isAccountPaused(account: string): string {
  return `EXISTS (SELECT FROM expunge.pauses p WHERE p.request_id IS NULL AND (p.account_id IS NULL OR p.account_id = ${account}))`;
}
