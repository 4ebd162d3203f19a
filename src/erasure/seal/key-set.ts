import { type IdentityKey } from '../../stores/store.js';

/**
 * All keys of a person as they were at planning. Everything later works from it, so that a half-erased person can't turn
 * into one whom nobody finds.
 */
export interface KeySet {
  readonly userId: string | null;
  readonly email: string | null;
  readonly enterpriseId: string | null;
  readonly identities: readonly IdentityKey[];
  readonly inDirectory: boolean;
}

/** What makes a person one: the user, or for someone in no directory the thing that was found. Parts for a keyed hash. */
export function personParts(keys: KeySet): readonly string[] {
  if (keys.userId !== null) return ['user', keys.userId];
  if (keys.email !== null) return ['email', keys.email];
  if (keys.enterpriseId !== null) return ['enterprise', keys.enterpriseId];
  const [identity] = keys.identities;
  if (!identity) throw new Error('a person has at least one key');
  return ['identity', identity.channelId, identity.channelUserId];
}

/** Parts of a keyed hash for each key of the set. */
export function keyParts(keys: KeySet): readonly (readonly string[])[] {
  const parts: (readonly string[])[] = [];
  if (keys.userId !== null) parts.push(['user', keys.userId]);
  if (keys.email !== null) parts.push(['email', keys.email]);
  if (keys.enterpriseId !== null) parts.push(['enterprise', keys.enterpriseId]);
  for (const { channelId, channelUserId } of keys.identities)
    parts.push(['identity', channelId, channelUserId]);
  return parts;
}
