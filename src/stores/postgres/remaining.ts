import { type RemainingRows } from '../store.js';
import { type CollectionPlan } from './plan/collection-plan.js';

/**
 * What a probe found, each thing once. Rows that can't go because rows of the same person still hang on them are not
 * shared with others: those rows remain, and erasing again will free these.
 *
 * @param collections in the order of deletion: what hangs comes before what it hangs on
 */
export function settleReasons(
  collections: readonly CollectionPlan[],
  found: readonly RemainingRows[],
): readonly RemainingRows[] {
  const distinct = new Map(found.map((rows) => [nameOf(rows.person, rows.collection, rows.reason), rows]));
  for (const { label, hanging } of collections) {
    const below = collections.filter(({ table }) => hanging.some((rows) => rows.table === table));
    for (const rows of [...distinct.values()]) {
      if (rows.collection !== label || rows.reason !== 'SHARED_WITH_OTHERS') continue;
      if (!below.some((child) => distinct.has(nameOf(rows.person, child.label, 'DATA_REMAINS')))) continue;
      distinct.delete(nameOf(rows.person, label, rows.reason));
      distinct.set(nameOf(rows.person, label, 'DATA_REMAINS'), { ...rows, reason: 'DATA_REMAINS' });
    }
  }
  return [...distinct.values()];
}

function nameOf(person: string, collection: string, reason: RemainingRows['reason']): string {
  return [person, collection, reason].join(' ');
}
