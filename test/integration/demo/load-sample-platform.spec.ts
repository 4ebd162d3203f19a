import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  loadSamplePlatform,
  PlatformNotEmpty,
} from '../../../src/cli/demo/sample-platform/load-sample-platform.js';
import { sampleTables } from '../../../src/cli/demo/sample-platform/sample-table.js';
import { testDatabase, type TestDatabase } from '../../support/postgres.js';

const options = { seed: 3, people: 100 };

describe('loading the sample platform', () => {
  let database: TestDatabase;
  let again: TestDatabase;

  beforeAll(async () => {
    [database, again] = await Promise.all([testDatabase(), testDatabase()]);
  });
  afterAll(async () => {
    await Promise.all([database.drop(), again.drop()]);
  });

  async function contents(of: TestDatabase): Promise<Record<string, { rows: number; checksum: string }>> {
    const all: Record<string, { rows: number; checksum: string }> = {};
    for (const table of sampleTables) {
      const [found] = await of.run<{ rows: number; checksum: string }>(
        `SELECT count(*)::int AS rows, sum(hashtextextended(t::text, 0))::text AS checksum FROM platform.${table} t`,
      );
      if (found) all[table] = found;
    }
    return all;
  }

  it('writes every row, generated ids too the same in every database', async () => {
    const loaded = await loadSamplePlatform(database.dataSource, options);
    await loadSamplePlatform(again.dataSource, options);

    const written = await contents(database);
    expect(Object.fromEntries(Object.entries(written).map(([table, { rows }]) => [table, rows]))).toEqual(
      loaded.rowsByTable,
    );
    expect(loaded.rows).toBe([...loaded.platform.rows()].length);
    expect(await contents(again)).toEqual(written);
  });

  it('knows every table of the platform', async () => {
    const tables = await database.run<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'platform'`,
    );
    expect(tables.map(({ name }) => name).sort()).toEqual([...sampleTables].sort());
  });

  it('refuses a platform that has people, and leaves it as it was', async () => {
    const before = await contents(database);
    await expect(loadSamplePlatform(database.dataSource, { seed: 4, people: 50 })).rejects.toThrow(
      PlatformNotEmpty,
    );
    expect(await contents(database)).toEqual(before);
  });
});
