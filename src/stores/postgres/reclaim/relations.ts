import { type EntityManager } from 'typeorm';
import { sql } from '../../../database/sql.js';
import { type RelationSight } from '../../reclaim-sight.js';

/** Tables being vacuumed at this moment. @throws DatabaseFault */
export async function readRunningVacuums(manager: EntityManager): Promise<ReadonlySet<string>> {
  const rows = await sql<{ relation: string }>(
    manager,
    `SELECT relid::text AS relation FROM pg_stat_progress_vacuum
     WHERE datname = current_database() AND relid IS NOT NULL`,
  );
  return new Set(rows.map(({ relation }) => relation));
}

interface RelationRow extends RelationSight {
  readonly table: string;
  readonly oid: string;
}

/**
 * The vacuums of each table's own storage, its partitions' and their TOAST tables'. Read `running` before: a vacuum that
 * ends between the two would otherwise be neither running nor counted, and taken for a later one. Read the horizon before as
 * well: what is empty now had nothing of what was erased below it.
 *
 * To ask for a size locks the table, as does to ask for its partitions: those are locked already, so that there is nothing
 * to wait for with locks in hand.
 *
 * @returns by the name of the table; one that is not there is left out
 * @throws DatabaseFault
 */
export async function readRelations(
  manager: EntityManager,
  schema: string,
  tables: readonly string[],
  running: ReadonlySet<string>,
): Promise<ReadonlyMap<string, readonly RelationSight[]>> {
  const rows = await sql<RelationRow>(manager, statement, [schema, tables]);
  const byTable = new Map<string, RelationSight[]>();
  for (const { table, oid, relation, vacuums, lastVacuum, empty, waitsFor } of rows) {
    const runs = running.has(oid);
    const sight = {
      relation,
      vacuums,
      lastVacuum,
      running: runs,
      empty,
      waitsFor: runs ? ('VACUUM_RUNNING' as const) : waitsFor,
    };
    byTable.set(table, [...(byTable.get(table) ?? []), sight]);
  }
  return byTable;
}

/** Options of a table count before settings of the server; a TOAST table without its own has those of its table. */
function option(name: string): string {
  const of = (alias: string): string =>
    `(SELECT option_value FROM pg_options_to_table(${alias}.reloptions) WHERE option_name = '${name}')`;
  return `COALESCE(${of('s')}, ${of('l')})`;
}

const setting = (name: string): string => `current_setting('${name}', true)`;

const statement = `WITH leaf AS MATERIALIZED (
    SELECT c.relname AS table, l.oid, l.reltoastrelid, l.reloptions, l.relispartition
    FROM pg_class c JOIN pg_class l
      ON l.oid = c.oid OR l.oid IN (SELECT relid FROM pg_partition_tree(c.oid))
    WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1) AND c.relname = ANY ($2::text[])
      AND l.relkind = 'r'
  ), storage AS (
    SELECT l.table, l.oid::text AS relation, l.oid, l.reloptions, l.relispartition FROM leaf l
    UNION ALL
    SELECT l.table, l.oid || ' toast', l.reltoastrelid, l.reloptions, l.relispartition FROM leaf l WHERE l.reltoastrelid <> 0
  )
  SELECT l.table, l.relation, l.oid::text AS oid,
    (pg_stat_get_vacuum_count(l.oid) + pg_stat_get_autovacuum_count(l.oid))::integer AS vacuums,
    GREATEST(pg_stat_get_last_vacuum_time(l.oid), pg_stat_get_last_autovacuum_time(l.oid)) AS "lastVacuum",
    COALESCE(l.relispartition AND pg_relation_size(l.oid) = 0, false) AS empty,
    CASE
      WHEN NOT ${setting('autovacuum')}::boolean OR NOT ${setting('track_counts')}::boolean
        OR NOT COALESCE(${option('autovacuum_enabled')}, 'true')::boolean THEN 'AUTOVACUUM_OFF'
      WHEN pg_stat_get_dead_tuples(l.oid) <= LEAST(
        COALESCE(${option('autovacuum_vacuum_threshold')}, ${setting('autovacuum_vacuum_threshold')})::float8
          + COALESCE(${option('autovacuum_vacuum_scale_factor')}, ${setting('autovacuum_vacuum_scale_factor')})::float8
            * GREATEST(s.reltuples, 0),
        NULLIF(COALESCE(${option('autovacuum_vacuum_max_threshold')}, ${setting('autovacuum_vacuum_max_threshold')}), '-1')::float8
      ) THEN 'BELOW_AUTOVACUUM_THRESHOLD'
      ELSE 'VACUUM_DUE'
    END AS "waitsFor"
  FROM storage l JOIN pg_class s ON s.oid = l.oid
  ORDER BY l.table, l.relation`;
