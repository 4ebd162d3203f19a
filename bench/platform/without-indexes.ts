import { type DataSource } from 'typeorm';
import { sql } from '../../src/database/sql.js';

interface Droppable {
  readonly drop: string;
  readonly make: string;
}

/** Filled without indexes and keys, which are made afterwards: several times as fast, and the same in the end. */
export async function withoutIndexes(
  source: DataSource,
  schema: string,
  fill: () => Promise<void>,
): Promise<void> {
  const keys = await constraints(source, schema, ['f', 'p', 'u']);
  for (const { drop } of keys) await source.query(drop);
  const indexes = await sql<Droppable>(
    source.manager,
    `SELECT format('DROP INDEX %s', indexrelid::regclass) AS drop, pg_get_indexdef(indexrelid) AS make
     FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = $1::regnamespace`,
    [schema],
  );
  for (const { drop } of indexes) await source.query(drop);
  await fill();
  for (const { make } of [...indexes, ...keys.toReversed()]) await source.query(make);
}

/** In an order in which they can be dropped; the other way round they can be made. */
async function constraints(
  source: DataSource,
  schema: string,
  types: readonly string[],
): Promise<readonly Droppable[]> {
  return sql<Droppable>(
    source.manager,
    `SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop,
       format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS make
     FROM pg_constraint WHERE connamespace = $1::regnamespace AND contype::text = ANY ($2::text[])
     ORDER BY contype <> 'f'`,
    [schema, types],
  );
}
