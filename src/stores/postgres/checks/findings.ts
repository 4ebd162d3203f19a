import { quoteName } from '../../../database/sql.js';
import { type CollectionMap, type StoreMap } from '../../data-map/data-map.js';
import { type Finding } from '../../store.js';
import { type LiveSchema, type LiveTable } from '../live/live-schema.js';

/** A collection of the map beside the table that it names. */
export interface CheckedCollection {
  readonly store: StoreMap;
  readonly live: LiveSchema;
  readonly collection: CollectionMap;
  readonly table: LiveTable;
}

export function mistake(label: string, problem: string, remedy: string): Finding {
  return { kind: 'mistake', collection: label, problem, remedy };
}

export function drift(label: string, problem: string, remedy: string): Finding {
  return { kind: 'drift', collection: label, problem, remedy };
}

/** `platform.messages` */
export function labelOf({ store, collection }: CheckedCollection): string {
  return `${store.name}.${collection.name}`;
}

/** The quoted table, for the SQL of a remedy. */
export function tableOf({ live, table }: CheckedCollection): string {
  return `${quoteName(live.schema)}.${quoteName(table.name)}`;
}

export function names(list: readonly string[]): string {
  return list.map(quoteName).join(', ');
}
