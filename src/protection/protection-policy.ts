/** Why someone is not to be erased; the first in this order is told. */
export const protectionReasons = [
  'ACCOUNT_OWNER',
  'ACCOUNT_MEMBER',
  'BOT_OWNER',
  'BOT_CO_DEVELOPER',
  'PLATFORM_ROLE',
] as const;
export type ProtectionReason = (typeof protectionReasons)[number];

/** A role as the policy sees it. */
export interface Role {
  readonly of: 'account' | 'bot';
  readonly accountId: string | null;
  readonly role: string;
}

/**
 * Whether someone with these roles must stay, for a caller of `accountId`. Any role protects, wherever it is held and
 * whatever it is called; one held elsewhere is told as PLATFORM_ROLE alone, since the caller may not learn where.
 */
export function protect(accountId: string, roles: readonly Role[]): ProtectionReason | null {
  const reasons = new Set(roles.map((role) => reasonOf(accountId, role)));
  return protectionReasons.find((reason) => reasons.has(reason)) ?? null;
}

function reasonOf(accountId: string, { of, accountId: where, role }: Role): ProtectionReason {
  if (where !== accountId) return 'PLATFORM_ROLE';
  if (of === 'account') return role === 'owner' ? 'ACCOUNT_OWNER' : 'ACCOUNT_MEMBER';
  return role === 'owner' ? 'BOT_OWNER' : 'BOT_CO_DEVELOPER';
}
