import { type CollectionMap } from '../../data-map/data-map.js';

export interface NeededColumns {
  /** Columns that statements compare or tell apart rows by. */
  readonly read: ReadonlySet<string>;
  readonly overwritten: ReadonlySet<string>;
}

/** What the service's role must be able to read and overwrite of a collection: no body that is not overwritten. */
export function neededColumns(collection: CollectionMap, primaryKey: readonly string[]): NeededColumns {
  const { ties, bot, account, erase, whenShared } = collection;
  const overwrites = [...(erase.by === 'overwrite' ? erase.overwrites : []), ...(whenShared ?? [])];
  const overwritten = new Set(overwrites.map(({ column }) => column));
  const read = new Set([
    ...primaryKey,
    ...ties.flatMap(({ columns, onlyWhen }) => [...columns, ...onlyWhen.map(({ column }) => column)]),
    ...[bot, account].filter((name) => name !== null),
    ...overwritten,
  ]);
  return { read, overwritten };
}
