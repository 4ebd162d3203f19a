import { checkedTables } from '../../src/cli/demo/check/checked-table.js';
import { type TestDatabase } from '../support/postgres.js';

/** What stands in the rows of those who are to go, and in no others. */
const GOES = 'gone-';

/**
 * Knows every row of the platform as it was, and says what became of them. Whose a row is is told by the mark in it
 * (`cohort.ts`): nothing of the data map or the stores is used, so what is wrong there is not wrong here too.
 */
export class RowWitness {
  private constructor(private readonly db: TestDatabase) {}

  /** Remembers what is there. Whoever writes rows later tells of them by inserting `witnessed` rows. */
  static async begin(db: TestDatabase): Promise<RowWitness> {
    await db.run('CREATE SCHEMA IF NOT EXISTS audit');
    await db.run(
      'CREATE TABLE audit.row_before (name text, key text, hash bigint, goes boolean, PRIMARY KEY (name, key))',
    );
    const witness = new RowWitness(db);
    await witness.remember();
    return witness;
  }

  /** Remembers rows that nobody told of, as they are now. */
  async remember(): Promise<void> {
    await this.db.run(`INSERT INTO audit.row_before ${everyRow} ON CONFLICT DO NOTHING`);
  }

  /** Rows in which this stands, as `table key`. @param run runs a statement, perhaps in a transaction */
  async rowsWith(
    text: string,
    run: (statement: string, values: readonly unknown[]) => Promise<unknown> = (statement, values) =>
      this.db.run(statement, values),
  ): Promise<ReadonlySet<string>> {
    const parts = checkedTables.map(
      ({ name, key }) => `SELECT '${name} ' || ${key} AS row FROM platform.${name} t WHERE t::text LIKE $1`,
    );
    const rows = (await run(parts.join(' UNION ALL '), [`%${text}%`])) as readonly { row: string }[];
    return new Set(rows.map(({ row }) => row));
  }

  /** Rows of those who are to go that are still there. */
  async residue(): Promise<readonly string[]> {
    const rows = await this.db.run<{ name: string; rows: number }>(
      `SELECT name, count(*)::int AS rows FROM (${everyRow}) r WHERE r.goes GROUP BY name ORDER BY name`,
    );
    return rows.map(({ name, rows: number }) => `${number} rows of erased people in ${name}`);
  }

  /** What became of rows that had to stay as they were, or overwritten: nothing, if all is well. */
  async disturbed(): Promise<readonly string[]> {
    const rows = await this.db.run<{ name: string; what: string; rows: number }>(
      `WITH now AS MATERIALIZED (${everyRow}), found AS MATERIALIZED (
         SELECT COALESCE(b.name, a.name) AS name, COALESCE(b.key, a.key) AS key,
                b.key IS NOT NULL AS was, a.key IS NOT NULL AS stays, b.goes AS went, a.goes AS goes, b.hash = a.hash AS same
         FROM audit.row_before b FULL JOIN now a ON a.name = b.name AND a.key = b.key
       )
       SELECT name, what, count(*)::int AS rows FROM (
         SELECT name, CASE
           WHEN NOT was THEN 'came'
           WHEN NOT went AND NOT stays THEN 'gone'
           WHEN NOT went AND NOT same THEN 'changed'
           WHEN went AND NOT stays AND name = 'analytics_events' THEN 'gone instead of overwritten'
           WHEN went AND stays AND NOT goes AND name <> 'analytics_events' AND NOT needed THEN 'overwritten instead of gone'
         END AS what
         FROM found, LATERAL (SELECT name = 'sessions' AND EXISTS (
           SELECT FROM platform.messages m WHERE m.session_id = found.key) AS needed) n
       ) told WHERE what IS NOT NULL GROUP BY name, what ORDER BY name, what`,
    );
    return rows.map(({ name, what, rows: number }) => `${number} rows ${what} in ${name}`);
  }
}

/** SELECT of what the witness keeps of rows. @param from a table, or the name of a query, with rows of the platform's table */
export function witnessed(table: string, from: string): string {
  const key = checkedTables.find(({ name }) => name === table)?.key;
  if (key === undefined) throw new Error(`no such table: ${table}`);
  return `SELECT '${table}'::text AS name, ${key} AS key, hashtextextended(t::text, 0) AS hash, t::text LIKE '%${GOES}%' AS goes
    FROM ${from === 't' ? 't' : `${from} t`}`;
}

const everyRow = checkedTables.map(({ name }) => witnessed(name, `platform.${name}`)).join('\nUNION ALL\n');
