import { type Overwrite } from '../../data-map/data-map.js';
import { type Finding } from '../../store.js';
import { type LiveColumn } from '../live/live-schema.js';
import { type CheckedCollection, labelOf, mistake } from './findings.js';

/** What the table's definition says against an overwrite, without asking the database to try it. */
export function checkOverwrites(checked: CheckedCollection): readonly Finding[] {
  const { collection, table } = checked;
  const overwrites = [
    ...(collection.erase.by === 'overwrite' ? collection.erase.overwrites : []),
    ...(collection.whenShared ?? []),
  ];
  return overwrites.flatMap((overwrite) => {
    const column = table.columns.get(overwrite.column);
    if (!column) return [];
    return [
      ...ofRole(checked, column, overwrite),
      ...ofType(column, overwrite),
      ...ofIndexes(checked, overwrite),
    ].map(([problem, remedy]) => mistake(labelOf(checked), `column ${column.name} ${problem}`, remedy));
  });
}

type Objection = readonly [problem: string, remedy: string];

/** What the column is in the table. */
function ofRole(
  { table, live }: CheckedCollection,
  column: LiveColumn,
  { to }: Overwrite,
): readonly Objection[] {
  const found: Objection[] = [];
  const keep: string = `keep: [${column.name}], and overwrite another column`;
  if (table.primaryKey.includes(column.name))
    found.push(['is part of the primary key, by which overwritten rows are read back', keep]);
  if (column.generated) found.push(['is generated: overwrite what it is made from', keep]);
  if (column.alwaysIdentity) found.push(['is GENERATED ALWAYS AS IDENTITY', keep]);
  if (to.is === 'null' && column.notNull)
    found.push([
      'is NOT NULL and would be overwritten with null',
      `${column.name}: a value, random, or ALTER COLUMN … DROP NOT NULL`,
    ]);
  for (const key of live.foreignKeys) {
    if (key.parentOid === table.oid && key.parentColumns.includes(column.name))
      found.push([`is what foreign key ${key.name} of ${key.childTable} refers to`, keep]);
    if (key.childOid === table.oid && key.childColumns.includes(column.name) && to.is !== 'null')
      found.push([`has foreign key ${key.name}, so only null can be written`, `${column.name}: null`]);
  }
  return found;
}

/** What its type can hold. */
function ofType({ type, baseType, name }: LiveColumn, { to }: Overwrite): readonly Objection[] {
  const room = Number(/^character varying\((\d+)\)$/.exec(type)?.[1] ?? Infinity);
  if (to.is === 'truncated' && !baseType.startsWith('timestamp'))
    return [[`is of type ${type}, which has no time of day to truncate`, `${name}: null`]];
  if (
    to.is === 'random' &&
    baseType !== 'uuid' &&
    (!['text', 'character varying'].includes(baseType) || room < 32)
  )
    return [[`is of type ${type}, which can not hold 32 random characters`, `${name}: null`]];
  // PostgreSQL counts characters, so this errs on the safe side.
  if (to.is === 'literal' && typeof to.value === 'string' && to.value.length > room)
    return [[`is of type ${type}, too short for what is written`, `${name}: null, or something shorter`]];
  return [];
}

/** Rows that hold the same value from now on. */
function ofIndexes({ table }: CheckedCollection, { column, to }: Overwrite): readonly Objection[] {
  return table.indexes
    .filter(({ restricts, primary, columns }) => restricts && !primary && columns.includes(column))
    .filter(
      ({ nullsAreEqual, keys }) =>
        to.is !== 'random' && (to.is !== 'null' || nullsAreEqual || !keys.includes(column)),
    )
    .map(({ name }) => [
      `is in unique index ${name}, which forbids the same value twice`,
      `${column}: ${to.is === 'null' ? 'random' : 'null or random'}`,
    ]);
}
