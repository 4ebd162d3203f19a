import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../src/database/data-source-options.js';
import { sql } from '../../src/database/sql.js';
import { required } from './redis.js';
import { templates, urlOf } from './templates.js';

/** A migrated database that belongs to one test file. */
export class TestDatabase {
  constructor(
    /** Of the owner of both schemas. */
    readonly url: string,
    /** Initialised, as the owner. */
    readonly dataSource: DataSource,
    private readonly name: string,
  ) {}

  async run<Row extends object>(text: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return sql<Row>(this.dataSource.manager, text, parameters);
  }

  async drop(): Promise<void> {
    await this.dataSource.destroy();
    await asAdministrator(`DROP DATABASE IF EXISTS ${this.name} WITH (FORCE)`);
  }
}

/** A fresh database: schema `expunge`, and the sample platform (empty) unless `platform` is false. Drop it in `afterAll`. */
export async function testDatabase(options: { readonly platform?: boolean } = {}): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await asAdministrator(
    `CREATE DATABASE ${name} TEMPLATE ${options.platform === false ? templates.ours : templates.platform}`,
  );
  const url = urlOf(required('TEST_POSTGRES_URL'), name);
  const dataSource = new DataSource(
    await dataSourceOptions({ databaseUrl: url, databasePoolSize: 10 }, 'test'),
  );
  return new TestDatabase(url, await dataSource.initialize(), name);
}

async function asAdministrator(statement: string): Promise<void> {
  const client = new Client({ connectionString: required('TEST_POSTGRES_URL') });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
