import { type EntityManager } from 'typeorm';
import { sql } from '../../../database/sql.js';
import {
  checksQuery,
  columnsQuery,
  foreignKeysQuery,
  indexesQuery,
  primaryKeysQuery,
  tablesQuery,
  triggersQuery,
} from './catalogue-queries.js';
import {
  type LiveCheck,
  type LiveColumn,
  type LiveForeignKey,
  type LiveIndex,
  type LiveSchema,
  type LiveTable,
  type LiveTrigger,
} from './live-schema.js';

type OfTable<T> = T & { readonly tableOid: string };

/** What the catalogues say about one schema now, in a fixed number of statements. @throws DatabaseFault */
export async function readLiveSchema(manager: EntityManager, schema: string): Promise<LiveSchema> {
  const tables = await sql<Omit<LiveTable, 'columns' | 'primaryKey' | 'indexes' | 'triggers' | 'checks'>>(
    manager,
    tablesQuery,
    [schema],
  );
  const oids = [tables.map(({ oid }) => oid)];
  const columns = byTable(await sql<OfTable<LiveColumn>>(manager, columnsQuery, oids));
  const keys = byTable(await sql<OfTable<{ columns: string[] }>>(manager, primaryKeysQuery, oids));
  const indexes = byTable(await sql<OfTable<LiveIndex>>(manager, indexesQuery, oids));
  const triggers = byTable(await sql<OfTable<LiveTrigger>>(manager, triggersQuery, oids));
  const checks = byTable(await sql<OfTable<LiveCheck>>(manager, checksQuery, oids));
  const foreignKeys = await sql<LiveForeignKey>(manager, foreignKeysQuery, oids);
  return {
    schema,
    foreignKeys,
    tables: new Map(
      tables.map((table) => [
        table.name,
        {
          ...table,
          columns: new Map((columns.get(table.oid) ?? []).map((column) => [column.name, column])),
          primaryKey: keys.get(table.oid)?.[0]?.columns ?? [],
          indexes: indexes.get(table.oid) ?? [],
          triggers: triggers.get(table.oid) ?? [],
          checks: checks.get(table.oid) ?? [],
        },
      ]),
    ),
  };
}

function byTable<T extends { readonly tableOid: string }>(
  rows: readonly T[],
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(row.tableOid);
    if (group) group.push(row);
    else groups.set(row.tableOid, [row]);
  }
  return groups;
}
