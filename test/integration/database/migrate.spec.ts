import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DataSource } from 'typeorm';
import { migrate, type MigrateOptions, type MigrationReport } from '../../../src/database/migrate.js';
import {
  expungeMigrations,
  migrationOptions,
  platformMigrations,
} from '../../../src/database/migration-set.js';
import { emptyDatabase, type TestDatabase, testDatabase } from '../../support/postgres.js';

let database: TestDatabase;
afterEach(() => database.drop());

const address = (): { databaseUrl: string; databasePoolSize: number } => ({
  databaseUrl: database.url,
  databasePoolSize: 2,
});

const migrated = (options: MigrateOptions): Promise<MigrationReport> => migrate(address(), options);

/** Every object of both schemas, as the catalogue tells it. */
async function structure(): Promise<readonly object[]> {
  return database.run(
    `SELECT n.nspname, c.relname, c.relkind, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
            pg_get_expr(d.adbin, d.adrelid) AS preset, pg_get_indexdef(c.oid) AS index,
            (SELECT array_agg(pg_get_constraintdef(k.oid) ORDER BY k.conname) FROM pg_constraint k WHERE k.conrelid = c.oid)
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
     WHERE n.nspname IN ('expunge', 'platform') AND c.relname !~ 'migrations|^PK_'
     ORDER BY n.nspname, c.relname, a.attnum`,
  );
}

async function comments(): Promise<readonly object[]> {
  return database.run(
    `SELECT nspname, obj_description(oid, 'pg_namespace') AS mark FROM pg_namespace WHERE nspname = 'platform'`,
  );
}

describe('from an empty database', () => {
  beforeEach(async () => {
    database = await emptyDatabase();
  });

  test('every migration goes up, down again, and up to the same', async () => {
    const first = await migrated({ samplePlatform: true });
    expect(first.expunge.length).toBeGreaterThan(0);
    expect(first).toMatchObject({
      platformIs: 'sample',
      platform: [expect.stringMatching(/^SamplePlatform/)],
    });
    const [whole, marks] = [await structure(), await comments()];
    for (const set of [platformMigrations, expungeMigrations]) {
      const runner = await new DataSource(await migrationOptions(address(), set)).initialize();
      try {
        while ((await runner.query<unknown[]>(`SELECT FROM expunge.${set.table}`)).length > 0)
          await runner.undoLastMigration({ transaction: 'all' });
      } finally {
        await runner.destroy();
      }
    }
    expect(await structure()).toEqual([]);
    expect(await comments()).toEqual([]);
    expect(await migrated({ samplePlatform: true })).toEqual(first);
    expect([await structure(), await comments()]).toEqual([whole, marks]);
  });

  test('once is enough, and several at once do it once', async () => {
    const reports = await Promise.all([1, 2, 3].map(() => migrated({ samplePlatform: true })));
    expect(reports.filter(({ expunge }) => expunge.length > 0)).toHaveLength(1);
    expect(await migrated({ samplePlatform: true })).toEqual({
      expunge: [],
      platform: [],
      platformIs: 'sample',
    });
  });

  test('without the sample there is no schema platform; it can be made later', async () => {
    expect(await migrated({ samplePlatform: false })).toMatchObject({ platform: [], platformIs: 'absent' });
    expect(await comments()).toEqual([]);
    expect(await migrated({ samplePlatform: true })).toMatchObject({ expunge: [], platformIs: 'sample' });
  });

  test('a sample that somebody dropped is made again', async () => {
    const first = await migrated({ samplePlatform: true });
    await database.run('DROP SCHEMA platform CASCADE');
    expect(await migrated({ samplePlatform: true })).toMatchObject({ platform: first.platform });
    expect(await database.run('SELECT FROM platform.users')).toEqual([]);
  });

  test("somebody's own platform is never touched, not even an empty schema of that name", async () => {
    await database.run('CREATE SCHEMA platform');
    await database.run('CREATE TABLE platform.users (id integer)');
    const before = await structure();
    expect(await migrated({ samplePlatform: true })).toMatchObject({ platform: [], platformIs: 'foreign' });
    expect((await structure()).filter((row) => 'nspname' in row && row.nspname === 'platform')).toEqual(
      before,
    );
  });

  test('a role that may only use what is there can say that nothing is to do', async () => {
    await migrated({ samplePlatform: true });
    const [role] = await database.run<{ name: string }>(
      `SELECT 'migrator_' || replace(gen_random_uuid()::text, '-', '') AS name`,
    );
    const name = role?.name ?? '';
    await database.run(`CREATE ROLE ${name} LOGIN PASSWORD 'pw'`);
    await database.run(`GRANT USAGE ON SCHEMA expunge TO ${name}`);
    await database.run(`GRANT SELECT ON ALL TABLES IN SCHEMA expunge TO ${name}`);
    const url = new URL(database.url);
    [url.username, url.password] = [name, 'pw'];
    const report = await migrate({ databaseUrl: url.href, databasePoolSize: 2 }, { samplePlatform: true });
    expect(report).toEqual({ expunge: [], platform: [], platformIs: 'sample' });
    await database.run(`DROP OWNED BY ${name}`);
    await database.run(`DROP ROLE ${name}`);
  });
});

describe('going down', () => {
  beforeEach(async () => {
    database = await testDatabase();
  });

  async function undo(set: typeof expungeMigrations): Promise<void> {
    const runner = await new DataSource(await migrationOptions(address(), set)).initialize();
    try {
      await runner.undoLastMigration({ transaction: 'all' });
    } finally {
      await runner.destroy();
    }
  }

  /** Back to the first migration of ours: those after it added what has no rows yet. */
  async function undoLaterOnes(): Promise<void> {
    const later = `SELECT FROM expunge.migrations WHERE name NOT LIKE 'Foundation%'`;
    while ((await database.run(later)).length > 0) await undo(expungeMigrations);
  }

  test('refuses while a table has rows, and changes nothing', async () => {
    await undoLaterOnes();
    await database.run(`INSERT INTO platform.accounts (id) VALUES ('a')`);
    await database.run(`INSERT INTO expunge.keys (id, purpose) VALUES (gen_random_uuid(), 'entries')`);
    const before = await structure();
    await expect(undo(platformMigrations)).rejects.toThrow('platform.accounts has rows');
    await expect(undo(expungeMigrations)).rejects.toThrow('expunge.keys has rows');
    expect(await structure()).toEqual(before);
  });

  test('refuses a platform that is not marked as ours', async () => {
    await database.run('COMMENT ON SCHEMA platform IS NULL');
    await expect(undo(platformMigrations)).rejects.toThrow('left alone');
  });
});
