import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { schemaIsCurrent } from '../../../src/database/migrate.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';

describe('migrations and entities agree', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase({ platform: false });
  });
  afterAll(() => database.drop());

  test('what the entities would still change in the migrated schema is nothing', async () => {
    const { upQueries } = await database.dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  test('every table of ours has its entity', async () => {
    const tables = await database.run<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'expunge'::regnamespace AND relkind IN ('r', 'p')`,
    );
    const known = database.dataSource.entityMetadatas.map(({ tableName }) => tableName);
    expect(tables.map(({ name }) => name).sort()).toEqual([...known, 'migrations'].sort());
  });

  test('the schema is current, also where a later version has migrated already, and not while something is missing', async () => {
    const { manager } = database.dataSource;
    expect(await schemaIsCurrent(manager)).toBe(true);
    await database.run(
      `INSERT INTO expunge.migrations (timestamp, name) VALUES (9999999999999, 'Later9999999999999')`,
    );
    expect(await schemaIsCurrent(manager)).toBe(true);
    await database.run(`DELETE FROM expunge.migrations WHERE name <> 'Later9999999999999'`);
    expect(await schemaIsCurrent(manager)).toBe(false);
    await database.run('DROP TABLE expunge.migrations');
    expect(await schemaIsCurrent(manager)).toBe(false);
  });
});
