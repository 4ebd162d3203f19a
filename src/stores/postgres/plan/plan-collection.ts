import { quoteName } from '../../../database/sql.js';
import { type CollectionMap, type Overwrite, type StoreMap, type Tie } from '../../data-map/data-map.js';
import { keyTypeOf } from '../keys/key-type.js';
import { type LiveForeignKey, type LiveSchema, type LiveTable } from '../live/live-schema.js';
import {
  type CollectionPlan,
  type HangingRows,
  type KeyColumn,
  type OverwritePlan,
  type TiePlan,
  type TypedColumn,
} from './collection-plan.js';

/**
 * A collection made ready for statements; null where the live table can't carry it (it is no table, has no primary key,
 * lacks a column or has one of a type that can't tie): the checks say what is wrong.
 */
export function planCollection(
  store: StoreMap,
  live: LiveSchema,
  collection: CollectionMap,
): CollectionPlan | null {
  const table = live.tables.get(collection.name);
  if (!table || !isTable(table) || table.primaryKey.length === 0) return null;
  try {
    return {
      name: collection.name,
      label: `${store.name}.${collection.name}`,
      table: `${quoteName(live.schema)}.${quoteName(table.name)}`,
      directory: collection.directory,
      allBotsOnly: collection.allBotsOnly || collection.bot === null,
      ties: collection.ties.map((tie) => planTie(table, tie)),
      bot: collection.bot === null ? null : keyColumn(table, collection.bot),
      account: collection.account === null ? null : keyColumn(table, collection.account),
      primaryKey: table.primaryKey.map((name) => typedColumn(table, name)),
      overwrite: collection.erase.by === 'overwrite' ? overwrites(table, collection.erase.overwrites) : null,
      whenShared: collection.whenShared ? overwrites(table, collection.whenShared) : null,
      hanging: live.foreignKeys.filter(({ parentOid }) => parentOid === table.oid).map(hangingRows),
    };
  } catch (error) {
    if (error instanceof UnfitColumn) return null;
    throw error;
  }
}

/** Rows can be erased from it and nothing hides any: no view, no foreign table. */
export function isTable(table: LiveTable): boolean {
  return table.kind === 'r' || table.kind === 'p';
}

class UnfitColumn extends Error {}

function planTie(table: LiveTable, tie: Tie): TiePlan {
  const columns = tie.columns.map((name) => keyColumn(table, name));
  if (tie.kind === 'email' && columns.some(({ type }) => type !== 'text')) throw new UnfitColumn();
  return {
    kind: tie.kind,
    columns,
    onlyWhen: tie.onlyWhen.map(({ column, value }) => ({ column: typedColumn(table, column), value })),
  };
}

function typedColumn(table: LiveTable, name: string): TypedColumn {
  const column = table.columns.get(name);
  if (!column) throw new UnfitColumn();
  return { name, type: column.type, baseType: column.baseType };
}

function keyColumn(table: LiveTable, name: string): KeyColumn {
  const column = table.columns.get(name);
  const type = column ? keyTypeOf(column.baseType) : null;
  if (!column?.exact || type === null) throw new UnfitColumn();
  return { name, type };
}

function overwrites(table: LiveTable, list: readonly Overwrite[]): readonly OverwritePlan[] {
  return list.map(({ column, to }) => ({ column: typedColumn(table, column), to }));
}

function hangingRows(key: LiveForeignKey): HangingRows {
  return {
    table: `${quoteName(key.childSchema)}.${quoteName(key.childTable)}`,
    ofItself: key.childOid === key.parentOid,
    columns: key.childColumns.map((child, index) => ({ child, parent: key.parentColumns[index] ?? '' })),
  };
}
