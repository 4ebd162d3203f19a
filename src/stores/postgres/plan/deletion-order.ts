import { type CollectionMap } from '../../data-map/data-map.js';
import { type LiveSchema } from '../live/live-schema.js';

export interface DeletionOrder {
  readonly order: readonly string[];
  /** Collections that each would have to go before the others; empty where there is an order. */
  readonly cycle: readonly string[];
}

/**
 * The order in which collections are erased: what refers goes before what it refers to (foreign keys, `after`), the
 * directory last of all, else in the order of their names, so that every worker takes the tables in the same order.
 */
export function deletionOrder(collections: readonly CollectionMap[], live: LiveSchema): DeletionOrder {
  const before = new Map(collections.map(({ name }) => [name, new Set<string>()]));
  const nameOf = new Map([...live.tables.values()].map(({ oid, name }) => [oid, name]));
  for (const { childOid, parentOid } of live.foreignKeys) {
    const child = nameOf.get(childOid);
    const parent = collections.find(({ name }) => name === nameOf.get(parentOid));
    // Rows that are overwritten keep their keys: nothing has to go before them.
    if (child !== undefined && before.has(child) && parent?.erase.by === 'delete' && child !== parent.name)
      before.get(parent.name)?.add(child);
  }
  for (const { name, after } of collections) for (const other of after) before.get(name)?.add(other);

  const order: string[] = [];
  const waiting = collections
    .toSorted((a, b) => Number(a.directory) - Number(b.directory) || (a.name < b.name ? -1 : 1))
    .map(({ name }) => name);
  while (waiting.length > 0) {
    const index = waiting.findIndex((name) =>
      [...(before.get(name) ?? [])].every((other) => order.includes(other)),
    );
    if (index < 0) return { order, cycle: waiting };
    order.push(...waiting.splice(index, 1));
  }
  return { order, cycle: [] };
}
