import { groupBy } from '../../common/group-by.js';
import { type IdentityKey } from '../../stores/store.js';
import { type IdentityClaim } from '../../users/user-directory.service.js';

/** Whose identities are computed, and where. */
export interface IdentityOwner {
  /** null: someone in no directory, to whom every claim is somebody else's. */
  readonly userId: string | null;
  readonly accountId: string;
  /** Bots that the request covers. */
  readonly bots: readonly string[];
}

/** The one place of rows in an account that has no bots: what is shared there must not look like nobody else's. */
const noBot = '';

/** How two pairs are compared where only one string is kept. */
export function joined(identity: { readonly channelId: string; readonly channelUserId: string }): string {
  return `${identity.channelId}/${identity.channelUserId}`;
}

/**
 * The identities of one person with the bots in which they tie rows: those stored at planning and those claimed since.
 * Where an identity also belongs to someone else, it ties no row to anyone; what was shared at planning stays shared, so
 * that erasing the one does not hand the rows to the other.
 *
 * @param claims everyone's claims on these identities, joined look-alikes included
 */
export function identityKeys(
  owner: IdentityOwner,
  stored: readonly IdentityKey[],
  claims: readonly IdentityClaim[],
): readonly IdentityKey[] {
  const own = claims.filter((claim) => claim.userId === owner.userId);
  const others = claims.filter((claim) => claim.userId !== owner.userId);
  const keys = new Map(stored.map((key) => [pairName(key), key]));
  for (const claim of own) keys.set(pairName(claim), withClaim(keys.get(pairName(claim)), claim));
  if (others.length === 0) return [...keys.values()];

  const othersByJoined = groupBy(others, joined);
  return [...keys.values()].map((key) => {
    const alike = othersByJoined.get(joined(key)) ?? [];
    const same = alike.filter((claim) => pairName(claim) === pairName(key));
    const lookAlike = alike.filter((claim) => pairName(claim) !== pairName(key));
    return {
      ...key,
      sharedBots: union(key.sharedBots, overlap(owner, key, same)),
      joinedSharedBots: union(key.joinedSharedBots, overlap(owner, key, lookAlike)),
    };
  });
}

function withClaim(key: IdentityKey | undefined, claim: IdentityClaim): IdentityKey {
  const { channelId, channelUserId } = claim;
  const known = key ?? { channelId, channelUserId, bots: [], sharedBots: [], joinedSharedBots: [] };
  return {
    ...known,
    bots: known.bots === null || claim.botId === null ? null : union(known.bots, [claim.botId]),
  };
}

/** The covered bots, or `noBot`, for which the key counts and a claim of others counts too. */
function overlap(
  owner: IdentityOwner,
  key: IdentityKey,
  claims: readonly IdentityClaim[],
): readonly string[] {
  if (claims.length === 0) return [];
  const everywhere = claims.some((claim) => claim.botId === null && claim.accountId === owner.accountId);
  const claimed = new Set(claims.map((claim) => claim.botId));
  const counts = key.bots === null ? null : new Set(key.bots);
  const places = owner.bots.length === 0 ? [noBot] : owner.bots;
  return places.filter((bot) => (counts === null || counts.has(bot)) && (everywhere || claimed.has(bot)));
}

function union(some: readonly string[], more: readonly string[]): readonly string[] {
  return more.length === 0 ? some : [...new Set([...some, ...more])];
}

/** Tells pairs apart that look alike when joined. */
export function pairName(identity: { readonly channelId: string; readonly channelUserId: string }): string {
  return JSON.stringify([identity.channelId, identity.channelUserId]);
}
