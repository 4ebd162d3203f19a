import { stringify } from 'yaml';
import { quoteName } from '../../../src/database/sql.js';
import { type TestDatabase } from '../../support/postgres.js';
import { type GeneratedPlatform } from './platform.js';
import { insertSql, schemaSql, snapshotSql } from './schema-sql.js';
import { type Row } from './table.js';

/** A row as it is, and the transaction that wrote it. */
export interface LiveRow {
  readonly row: Row;
  readonly version: string;
}

/** A generated platform in a database: tables in a schema of their own, bots in the directory. */
export class LivePlatform {
  constructor(
    private readonly db: TestDatabase,
    readonly schema: string,
    private readonly platform: GeneratedPlatform,
  ) {}

  async make(): Promise<void> {
    const { db, schema } = this;
    const { directory, tables, rows } = this.platform;
    await db.run(
      `WITH a AS (INSERT INTO platform.accounts (id) SELECT * FROM unnest($1::text[]) RETURNING id)
       INSERT INTO platform.bots (id, account_id) SELECT * FROM unnest($2::text[], $3::text[])`,
      [
        [directory.account, directory.otherAccount],
        directory.bots.map(({ id }) => id),
        directory.bots.map(({ account }) => account),
      ],
    );
    await db.dataSource.query(schemaSql(schema, tables));
    for (const table of tables)
      await db.run(insertSql(schema, table), [JSON.stringify(rows.get(table.name) ?? [])]);
  }

  /** One store of a data map, as text. */
  get words(): string {
    return stringify({
      kind: 'postgres',
      url: '${DATABASE_URL}',
      schema: this.schema,
      collections: Object.fromEntries(
        this.platform.tables.flatMap(({ name, words }) => (words ? [[name, words]] : [])),
      ),
      retained: Object.fromEntries(
        this.platform.tables.flatMap(({ name, words }) => (words ? [] : [[name, 'kept by law']])),
      ),
    });
  }

  /** Every row of every table. */
  async rows(): Promise<ReadonlyMap<string, readonly LiveRow[]>> {
    const tables = new Map<string, readonly LiveRow[]>();
    for (const table of this.platform.tables)
      tables.set(table.name, await this.db.run<LiveRow>(snapshotSql(this.schema, table)));
    return tables;
  }

  async drop(): Promise<void> {
    const { account, otherAccount } = this.platform.directory;
    await this.db.run(`DROP SCHEMA IF EXISTS ${quoteName(this.schema)} CASCADE`);
    await this.db.run('DELETE FROM platform.bots WHERE account_id = ANY ($1)', [[account, otherAccount]]);
    await this.db.run('DELETE FROM platform.accounts WHERE id = ANY ($1)', [[account, otherAccount]]);
  }
}
