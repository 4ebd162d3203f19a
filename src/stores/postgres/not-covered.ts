import { type CollectionMap, type StoreMap } from '../data-map/data-map.js';
import { type NotCovered, type Scope } from '../store.js';

/**
 * What a request of this scope leaves in the store, and why. The sentences are the same for everyone: looking whether
 * such rows are there would tell of other accounts' rows.
 */
export function notCoveredBy(map: StoreMap, scope: Pick<Scope, 'allBots'>): readonly NotCovered[] {
  const label = (name: string): string => `${map.name}.${name}`;
  return [
    ...map.retained.map(({ table, reason }) => ({ collection: label(table), reason })),
    ...map.collections.flatMap((collection) => {
      const reason = reasonFor(collection, scope);
      return reason === null ? [] : [{ collection: label(collection.name), reason }];
    }),
  ];
}

function reasonFor({ ties, bot, allBotsOnly }: CollectionMap, scope: Pick<Scope, 'allBots'>): string | null {
  if (!scope.allBots && (allBotsOnly || bot === null)) return 'erased only by requests for all bots';
  if (!scope.allBots || bot === null || ties.every(({ kind }) => kind === 'userId')) return null;
  return 'rows tied to a person by something else than a user id, whose bot is empty or no longer exists: nothing says whose bot it was';
}
