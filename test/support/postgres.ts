import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../src/database/data-source-options.js';
import { sql } from '../../src/database/sql.js';
import { loadDataMap } from '../../src/stores/data-map/load-data-map.js';
import { type GrantOptions, grantsSql } from '../../src/stores/grants/grants.js';
import { required } from './redis.js';
import { templates, urlOf } from './templates.js';

/** How long a test waits for a connection of its own, on a machine that is busy with the services under test. */
const PATIENCE_MS = 60_000;

/** A migrated database that belongs to one test file. */
export class TestDatabase {
  private readonly roles: string[] = [];

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

  /** Of a login role that holds exactly what `expunge grants` prints, for the data map of the repository unless another is given. */
  async serviceUrl({
    dataMapPath = 'data-map.yaml',
    ...options
  }: Partial<GrantOptions> & { readonly dataMapPath?: string } = {}): Promise<string> {
    const { manager } = this.dataSource;
    const role = `service_${randomUUID().replaceAll('-', '')}`;
    const password = randomUUID();
    await this.run(`CREATE ROLE ${role} LOGIN PASSWORD '${password}'`);
    this.roles.push(role);
    const map = await loadDataMap(dataMapPath);
    await manager.query(await grantsSql(manager, map, { role, withoutDelete: false, ...options }));
    const url = new URL(this.url);
    url.username = role;
    url.password = password;
    return url.href;
  }

  async drop(): Promise<void> {
    await this.dataSource.destroy();
    await asAdministrator(`DROP DATABASE IF EXISTS ${this.name} WITH (FORCE)`);
    for (const role of this.roles) await asAdministrator(`DROP ROLE ${role}`);
  }
}

/** A fresh database: schema `expunge`, and the sample platform (empty) unless `platform` is false. Drop it in `afterAll`. */
export async function testDatabase(options: { readonly platform?: boolean } = {}): Promise<TestDatabase> {
  return copyOf(options.platform === false ? templates.ours : templates.platform);
}

/** A fresh database without any schema of ours. */
export async function emptyDatabase(): Promise<TestDatabase> {
  return copyOf('template1');
}

/** A pool of one, so that each statement is sent to the same session. Destroy it. */
export async function oneConnection(url: string): Promise<DataSource> {
  return new DataSource(
    await dataSourceOptions({ databaseUrl: url, databasePoolSize: 1 }, 'test'),
  ).initialize();
}

async function copyOf(template: string): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await asAdministrator(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  const url = urlOf(required('TEST_POSTGRES_URL'), name);
  const options = await dataSourceOptions({ databaseUrl: url, databasePoolSize: 10 }, 'test');
  const dataSource = new DataSource({ ...options, connectTimeoutMS: PATIENCE_MS });
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
