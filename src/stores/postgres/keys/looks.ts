import { type IdentityKey, type PersonKeys, type Scope } from '../../store.js';
import { type CollectionPlan, type TiePlan } from '../plan/collection-plan.js';
import { fits } from './key-type.js';
import { isLost } from './step-keys.js';

/**
 * One look of the probe: is there a row with these values? Worked out from the key set anew, not from what the erasing
 * steps made of it, so that a slip there is seen here.
 */
export interface Look {
  readonly person: string;
  readonly values: readonly string[];
  /** `account`: any bot but another account's. `covered`: any bot that the request covers. Else the bots named. */
  readonly where: 'account' | 'covered' | readonly string[];
  /** Someone else has the identity too: a row found says so, and is not theirs to erase. */
  readonly shared: boolean;
}

/** Every look that one tie of a collection needs for these persons. */
export function looksFor(
  collection: CollectionPlan,
  tie: TiePlan,
  persons: readonly PersonKeys[],
  scope: Scope,
): readonly Look[] {
  if (collection.allBotsOnly && !scope.allBots) return [];
  if (collection.account && !fits(scope.accountId, collection.account.type)) return [];
  return persons
    .filter(({ inDirectory }) => inDirectory || collection.bot !== null)
    .flatMap((keys) => looksOf(collection, tie, keys, scope))
    .filter(({ values, where }) => canMatch(tie, values) && (typeof where === 'string' || where.length > 0));
}

function looksOf(collection: CollectionPlan, tie: TiePlan, keys: PersonKeys, scope: Scope): readonly Look[] {
  const { person } = keys;
  const covered = collection.bot === null ? 'account' : 'covered';
  const one = (value: string | null, where: Look['where']): readonly Look[] =>
    value === null ? [] : [{ person, values: [value], where, shared: isLost(tie.kind, keys) }];
  switch (tie.kind) {
    case 'userId':
      return one(keys.userId, scope.allBots && keys.inDirectory ? 'account' : covered);
    case 'email':
      return one(keys.email, covered);
    case 'enterpriseId':
      return one(keys.enterpriseId, covered);
    case 'identity':
    case 'pair':
      return keys.identities.flatMap((identity) => identityLooks(collection, tie, person, identity, scope));
  }
}

function identityLooks(
  collection: CollectionPlan,
  tie: TiePlan,
  person: string,
  { channelId, channelUserId, bots, sharedBots, joinedSharedBots }: IdentityKey,
  scope: Scope,
): readonly Look[] {
  const joined = tie.kind === 'identity';
  const values = joined ? [`${channelId}/${channelUserId}`] : [channelUserId, channelId];
  const shared = new Set(joined ? [...sharedBots, ...joinedSharedBots] : sharedBots);
  if (collection.bot === null)
    return bots === null ? [{ person, values, where: 'account', shared: shared.size > 0 }] : [];
  const counts = bots === null ? scope.bots : scope.bots.filter((bot) => bots.includes(bot));
  const own = counts.filter((bot) => !shared.has(bot));
  return [
    { person, values, where: own.length === scope.bots.length ? 'covered' : own, shared: false },
    { person, values, where: counts.filter((bot) => shared.has(bot)), shared: true },
  ];
}

function canMatch(tie: TiePlan, values: readonly string[]): boolean {
  return tie.columns.every(({ type }, index) => fits(values[index] ?? '\0', type));
}
