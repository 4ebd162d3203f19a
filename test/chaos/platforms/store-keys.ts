import { type IdentityKey, type PersonKeys } from '../../../src/stores/store.js';
import { type Claim, type Directory } from './directory.js';
import { type Asked, type Meant } from './whose.js';

type Pair = Pick<Claim, 'channelId' | 'channelUserId'>;

/** A person as a store is told of them. */
export function storeKeys(
  { userId, email, enterpriseId, claims, inDirectory }: Meant,
  directory: Directory,
  asked: Asked,
): Omit<PersonKeys, 'person'> {
  const others = directory.claims.filter((claim) => !(inDirectory && claim.userId === userId));
  const ofPair = new Map<string, IdentityKey>();
  for (const { channelId, channelUserId } of claims) {
    const own = claims.filter((claim) => isSame(claim, { channelId, channelUserId }));
    const bots = own.some(({ bot }) => bot === null)
      ? null
      : own.map(({ bot }) => bot).filter((bot) => bot !== null);
    const counting = asked.bots.filter((bot) => bots === null || bots.includes(bot));
    const sharedBy = (isIt: (claim: Claim) => boolean): string[] =>
      counting.filter((bot) =>
        others.some((claim) => isIt(claim) && countsFor(claim, bot, directory, asked)),
      );
    const pair = { channelId, channelUserId };
    ofPair.set(JSON.stringify(pair), {
      ...pair,
      bots,
      sharedBots: sharedBy((claim) => isSame(claim, pair)),
      joinedSharedBots: sharedBy((claim) => !isSame(claim, pair) && joined(claim) === joined(pair)),
    });
  }
  return { userId, email, enterpriseId, identities: [...ofPair.values()], lost: [], inDirectory };
}

function countsFor(
  { bot, userId }: Claim,
  covered: string,
  { users }: Directory,
  { account }: Asked,
): boolean {
  if (bot !== null) return bot === covered;
  return users.some((user) => user.id === userId && user.account === account);
}

function isSame(a: Pair, b: Pair): boolean {
  return a.channelId === b.channelId && a.channelUserId === b.channelUserId;
}

function joined({ channelId, channelUserId }: Pair): string {
  return `${channelId}/${channelUserId}`;
}
