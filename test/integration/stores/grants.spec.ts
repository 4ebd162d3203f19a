import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type DataSource } from 'typeorm';
import { type DataMap } from '../../../src/stores/data-map/data-map.js';
import { loadDataMap } from '../../../src/stores/data-map/load-data-map.js';
import { type GrantOptions, grantsSql } from '../../../src/stores/grants/grants.js';
import { PostgresStore } from '../../../src/stores/postgres/postgres-store.js';
import { type Scope } from '../../../src/stores/store.js';
import { Platform } from '../../support/platform.js';
import { oneConnection, type TestDatabase, testDatabase } from '../../support/postgres.js';
import { StoreDriver } from '../../support/store-driver.js';

describe('the grants that the service needs', () => {
  let db: TestDatabase;
  let map: DataMap;
  const open: DataSource[] = [];

  beforeAll(async () => {
    db = await testDatabase();
    map = await loadDataMap('data-map.yaml');
  });

  afterAll(async () => {
    for (const dataSource of open) await dataSource.destroy();
    await db.drop();
  });

  async function service(
    options: Partial<GrantOptions> = {},
  ): Promise<{ driver: StoreDriver; as: DataSource }> {
    const url = await db.serviceUrl(options);
    const as = await oneConnection(url);
    open.push(as);
    const [store] = map.stores;
    if (!store) throw new Error('the map names a store');
    return { as, driver: await StoreDriver.with(db, new PostgresStore(store), as) };
  }

  it('are enough for everything that erasing takes', async () => {
    const { driver, as } = await service();
    expect(await driver.check()).toEqual([]);
    await driver.within(async (manager) => {
      await manager.query('LOCK TABLE platform.account_members, platform.bot_members IN SHARE MODE');
      await manager.query('LOCK TABLE platform.user_identities IN SHARE ROW EXCLUSIVE MODE');
    });
    for (const [table, columns] of [
      ['users', 'id, account_id, email, enterprise_id'],
      ['user_identities', 'user_id, bot_id, channel_id, channel_user_id'],
      ['account_members', 'account_id, user_id, role'],
      ['bot_members', 'bot_id, user_id, role'],
      ['bots', 'id, account_id'],
      ['accounts', 'id'],
    ])
      await as.query(`SELECT ${columns ?? ''} FROM platform.${table ?? ''}`);
  });

  it.each([
    'SELECT body FROM platform.messages',
    'SELECT content FROM platform.attachments',
    'SELECT first_name FROM platform.users',
    'SELECT token FROM platform.oauth_tokens',
    'SELECT transcript FROM platform.agent_transfers',
    'SELECT "row" FROM platform.data_table_rows',
    'SELECT * FROM platform.sessions',
    'INSERT INTO platform.messages (id) VALUES (1)',
    `UPDATE platform.messages SET body = '{}'`,
    `UPDATE platform.analytics_events SET event = 'x'`,
    'UPDATE platform.sessions SET started_on = now()',
    'DELETE FROM platform.analytics_events',
    'DELETE FROM platform.accounts',
    'DELETE FROM platform.bots',
    'DELETE FROM platform.data_table_rows',
    `DELETE FROM platform.account_members`,
    'TRUNCATE platform.messages',
    'DROP TABLE platform.messages',
    'CREATE TABLE platform.mine (id int)',
    'CREATE TABLE expunge.mine (id int)',
  ])('do not allow: %s', async (statement) => {
    const [as] = open;
    await expect(as?.query(statement)).rejects.toThrow(/permission denied|must be owner/);
  });

  it('without DELETE let the service look and change nothing, and the check says what is missing', async () => {
    const { driver, as } = await service({ withoutDelete: true });
    const findings = await driver.check();
    expect(new Set(findings.map(({ kind }) => kind))).toEqual(new Set(['mistake']));
    expect(findings.map(({ collection, problem }) => `${collection}: ${problem}`)).toEqual(
      expect.arrayContaining([
        'platform.messages: the role of the service may not delete rows',
        'platform.sessions: the role of the service may not overwrite user_id, channel_id, tags',
      ]),
    );
    expect(findings.every(({ problem }) => !problem.includes('may not read'))).toBe(true);
    await as.query('SELECT user_id FROM platform.messages');
    for (const change of [
      'DELETE FROM platform.messages',
      'DELETE FROM platform.users',
      'UPDATE platform.sessions SET user_id = NULL',
      'UPDATE platform.account_members SET role = NULL',
      'LOCK TABLE platform.bot_members IN SHARE MODE',
    ])
      await expect(as.transaction((manager) => manager.query(change))).rejects.toThrow('permission denied');
  });

  it('that were taken back are an error, for erasing and probing alike, never nothing found', async () => {
    const { driver, as } = await service();
    const platform = new Platform(db);
    const account = await platform.account();
    const bot = await platform.bot(account);
    const user = await platform.user(account);
    await platform.conversation(user, bot);
    const jane = driver.person({ userId: user });
    const scope: Scope = { accountId: account, allBots: true, bots: [bot] };
    expect(await driver.check()).toEqual([]);
    const [me] = await as.query<{ role: string }[]>('SELECT current_user AS role');
    await db.run(`REVOKE ALL ON platform.messages FROM ${me?.role ?? ''}`);
    for (const work of [driver.erase('records', [jane], scope), driver.probe('records', [jane], scope)])
      await expect(work).rejects.toMatchObject({ sqlState: '42501', transient: false });
    expect((await driver.check()).map(({ collection }) => collection)).toContain('platform.messages');
    // From now on the store refuses by itself.
    await expect(driver.erase('records', [jane], scope)).rejects.toMatchObject({ sqlState: '55000' });
    await expect(driver.probe('records', [jane], scope)).rejects.toMatchObject({ sqlState: '55000' });
  });

  it('are no way around a policy', async () => {
    const { driver } = await service();
    const jane = driver.person({ userId: 'u-jane' });
    const scope: Scope = { accountId: 'a', allBots: true, bots: ['st-1'] };
    expect(await driver.check()).toEqual([]);
    await db.run('ALTER TABLE platform.feedback ENABLE ROW LEVEL SECURITY');
    try {
      for (const work of [driver.erase('records', [jane], scope), driver.probe('records', [jane], scope)])
        await expect(work).rejects.toMatchObject({ sqlState: '42501' });
      expect((await driver.check()).map(({ problem }) => problem)).toEqual([
        'a row-level policy would hide rows from the role of the service',
      ]);
    } finally {
      await db.run('ALTER TABLE platform.feedback DISABLE ROW LEVEL SECURITY');
    }
  });

  it('are statements for a role of whatever name, one a line, that psql runs', async () => {
    const role = `Jane "the" O'Neil; --`;
    const text = await grantsSql(db.dataSource.manager, map, { role, withoutDelete: false });
    for (const line of text.split('\n'))
      expect(line).toMatch(/^(GRANT|ALTER DEFAULT PRIVILEGES) .* TO "Jane ""the"" O'Neil; --";$/);
    const quoted = `"${role.replaceAll('"', '""')}"`;
    await db.run(`CREATE ROLE ${quoted}`);
    try {
      const psql = spawnSync('psql', ['-X', '-v', 'ON_ERROR_STOP=1', db.url], {
        input: text,
        encoding: 'utf8',
      });
      // Where psql is not installed, the driver runs what psql would.
      if (psql.error) await db.dataSource.query(text);
      else expect([psql.status, psql.stderr]).toEqual([0, '']);
    } finally {
      await db.run(`DROP OWNED BY ${quoted}`);
      await db.run(`DROP ROLE ${quoted}`);
    }
  });

  it('take the lock on memberships by the smallest privilege that the server knows', async () => {
    const [server] = await db.run<{ version: number }>(
      `SELECT current_setting('server_version_num')::int AS version`,
    );
    const text = await grantsSql(db.dataSource.manager, map, { role: 'r', withoutDelete: false });
    const lock = (server?.version ?? 0) >= 170_000 ? 'MAINTAIN' : 'UPDATE';
    expect(text).toContain(`GRANT ${lock} ON "platform"."account_members" TO "r";`);
    expect(text).toContain(`GRANT ${lock} ON "platform"."bot_members" TO "r";`);
  });
});
