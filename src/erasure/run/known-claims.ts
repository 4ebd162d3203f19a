import { groupBy } from '../../common/group-by.js';
import { type IdentityKey } from '../../stores/store.js';
import { type IdentityClaim, type IdentityClaims } from '../../users/user-directory.service.js';
import { identityKeys, type IdentityOwner, joined } from './identity-keys.js';

/** The claims that were read for a set of people, to be asked for each of them. */
export class KnownClaims {
  private readonly ofUser: ReadonlyMap<string, readonly IdentityClaim[]>;
  private readonly byJoined: ReadonlyMap<string, readonly IdentityClaim[]>;

  constructor({ own, anyones }: IdentityClaims) {
    this.ofUser = groupBy(own, ({ userId }) => userId);
    this.byJoined = groupBy([...anyones, ...lonely(own, anyones)], joined);
  }

  /** The identities of one of those people as they count by these claims. @param stored those known before */
  keysOf(owner: IdentityOwner, stored: readonly IdentityKey[]): readonly IdentityKey[] {
    const own = owner.userId === null ? [] : (this.ofUser.get(owner.userId) ?? []);
    const names = new Set([...stored, ...own].map(joined));
    const anyones = [...names].flatMap((name) => this.byJoined.get(name) ?? []);
    return identityKeys(owner, stored, [...own, ...anyones]);
  }
}

/** Claims on what only one has: those of `own` whose identity, bot and account nobody else of `anyones` claims. */
function lonely(own: readonly IdentityClaim[], anyones: readonly IdentityClaim[]): readonly IdentityClaim[] {
  if (anyones.length === 0) return own;
  const told = new Set(anyones.map(claimed));
  return own.filter((claim) => !told.has(claimed(claim)));
}

function claimed({ accountId, botId, channelId, channelUserId }: IdentityClaim): string {
  return JSON.stringify([accountId, botId, channelId, channelUserId]);
}
