import { checkedTables } from '../../src/cli/demo/check/checked-table.js';
import { type TestDatabase } from '../support/postgres.js';

/** Tables whose rows stay, overwritten, when a person goes: all of the first, those that others need of the second. */
const OVERWRITTEN = ['analytics_events', 'sessions'];

/**
 * Knows every row of the platform as it was, and says what became of them. Whose a row is is told by the mark in it
 * (`cohort.ts`): nothing of the data map or the stores is used, so what is wrong there is not wrong here too.
 */
export class RowWitness {
  constructor(private readonly db: TestDatabase) {}

  /** Before the first request. Rows that come later are told to `came`. */
  async remember(): Promise<void> {
    await this.db.run('CREATE SCHEMA IF NOT EXISTS audit');
    await this.db.run('DROP TABLE IF EXISTS audit.row_before');
    await this.db.run(`CREATE TABLE audit.row_before AS ${this.everyRow()}`);
  }

  /** Rows of those who are to go that are still there. */
  async residue(): Promise<readonly string[]> {
    const rows = await this.db.run<{ name: string; rows: number }>(
      `SELECT name, count(*)::int AS rows FROM (${this.everyRow()}) r WHERE r.goes GROUP BY name ORDER BY name`,
    );
    return rows.map(({ name, rows: number }) => `${number} rows of erased people in ${name}`);
  }

  /** What became of rows that had to stay as they were: nothing, if all is well. */
  async disturbed(): Promise<readonly string[]> {
    const rows = await this.db.run<{ name: string; what: string; rows: number }>(
      `SELECT name, what, count(*)::int AS rows FROM (
         SELECT b.name, CASE WHEN a.key IS NULL THEN 'gone' ELSE 'changed' END AS what
         FROM audit.row_before b LEFT JOIN (${this.everyRow()}) a ON a.name = b.name AND a.key = b.key
         WHERE NOT b.goes AND b.hash IS DISTINCT FROM a.hash
         UNION ALL
         SELECT b.name, 'gone instead of overwritten'
         FROM audit.row_before b LEFT JOIN (${this.everyRow()}) a ON a.name = b.name AND a.key = b.key
         WHERE b.goes AND a.key IS NULL AND (b.name = 'analytics_events' OR b.shared)
         UNION ALL
         SELECT a.name, 'came' FROM (${this.everyRow()}) a
         WHERE NOT a.goes AND NOT EXISTS (SELECT FROM audit.row_before b WHERE b.name = a.name AND b.key = a.key)
         UNION ALL
         SELECT b.name, 'kept by nobody'
         FROM audit.row_before b JOIN (${this.everyRow()}) a ON a.name = b.name AND a.key = b.key
         WHERE b.goes AND NOT a.goes AND NOT (b.name = ANY ($1::text[]))
       ) d GROUP BY name, what ORDER BY name, what`,
      [OVERWRITTEN],
    );
    return rows.map(({ name, what, rows: number }) => `${number} rows ${what} in ${name}`);
  }

  private everyRow(): string {
    return checkedTables
      .map(
        ({ name, key }) =>
          `SELECT '${name}'::text AS name, ${key} AS key, hashtextextended(t::text, 0) AS hash,
             t::text LIKE '%gone-%' AS goes, ${shared(name)} AS shared FROM platform.${name} t`,
      )
      .join('\nUNION ALL\n');
  }
}

/** A session that others need. */
function shared(table: string): string {
  return table === 'sessions'
    ? `EXISTS (SELECT FROM platform.messages m WHERE m.session_id = t.id AND m.id LIKE 'm-guest%')`
    : 'false';
}
