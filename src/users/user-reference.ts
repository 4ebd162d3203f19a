/** The ways in which an entry may name a user; also what an answer's `matchedBy` tells. */
export const matchKinds = ['userId', 'email', 'enterpriseId', 'channelUserId', 'identity'] as const;
export type MatchKind = (typeof matchKinds)[number];

/** One entry of `userIds`, parsed: how it may be matched and by what. */
export interface UserReference {
  /** `any`: a plain string, matched in every way. A typed entry matches in one way only. */
  readonly kind: 'any' | 'userId' | 'email' | 'enterpriseId' | 'identity';
  readonly value: string;
  /** Of kind `identity` alone, where `value` is the channel user id. */
  readonly channelId: string | null;
}

/** An entry as a client sends it. */
export type UserEntry =
  | string
  | { readonly userId: string }
  | { readonly email: string }
  | { readonly enterpriseId: string }
  | { readonly channelId: string; readonly channelUserId: string };

/** How an accepted entry is to be matched. */
export function referenceOf(entry: UserEntry): UserReference {
  if (typeof entry === 'string') return { kind: 'any', value: entry, channelId: null };
  if ('userId' in entry) return { kind: 'userId', value: entry.userId, channelId: null };
  if ('email' in entry) return { kind: 'email', value: entry.email, channelId: null };
  if ('enterpriseId' in entry) return { kind: 'enterpriseId', value: entry.enterpriseId, channelId: null };
  return { kind: 'identity', value: entry.channelUserId, channelId: entry.channelId };
}
