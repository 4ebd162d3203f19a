import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { StoresService } from '../../src/stores/stores.service.js';
import { eventually } from '../support/eventually.js';
import { Platform } from '../support/platform.js';
import { type TestDatabase, testDatabase } from '../support/postgres.js';
import { type TestClient, TestService } from '../support/service.js';

describe('nothing is called done over rows that are there', () => {
  let db: TestDatabase;
  let platform: Platform;
  let service: TestService;
  let account: string;
  let client: TestClient;
  let bot: string;
  const undo: string[] = [];

  beforeAll(async () => {
    db = await testDatabase();
    platform = new Platform(db);
    service = await TestService.start(await db.serviceUrl(), {
      batchAttempts: 2,
      probeRounds: 2,
      // Looks at the data map when a test says so: here the second line of defence is tested.
      dataMapCheckSeconds: 3_600,
    });
    account = await platform.account();
    bot = await platform.bot(account);
    client = await service.client(account);
  });

  afterEach(async () => {
    for (const statement of undo.splice(0).reverse()) await db.run(statement);
    await service.get(StoresService).refresh();
  });

  afterAll(async () => {
    await service.stop();
    await db.drop();
  });

  /** Changes the platform until the end of the test. */
  async function meanwhile(statement: string, undoing: string): Promise<void> {
    undo.push(undoing);
    await db.run(statement);
  }

  it('a trigger that swallows deletes: what the probe finds is FAILED', async () => {
    const jane = await platform.user(account);
    await platform.conversation(jane, bot);
    await meanwhile(
      `CREATE FUNCTION platform.keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
       CREATE TRIGGER keep BEFORE DELETE ON platform.feedback FOR EACH ROW EXECUTE FUNCTION platform.keep()`,
      'DROP TRIGGER keep ON platform.feedback; DROP FUNCTION platform.keep()',
    );
    const { first } = await client.eraseAndWait({ userIds: [jane], botIds: [bot] });
    expect(first).toMatchObject({ status: 'FAILED', reason: 'DATA_REMAINS', partlyErased: true });
    expect(first.erased).not.toHaveProperty(['platform.feedback']);
    expect(await platform.count('feedback', 'user_id = $1', [jane])).toBe(1);
    expect(await platform.count('users', 'id = $1', [jane])).toBe(1);
  });

  it('a trigger that puts back what was overwritten: the tie says that nothing is left, reading back says otherwise', async () => {
    const jane = await platform.user(account);
    await platform.conversation(jane, bot);
    await meanwhile(
      `CREATE FUNCTION platform.restore() RETURNS trigger LANGUAGE plpgsql AS
         'BEGIN NEW.ip_address := OLD.ip_address; RETURN NEW; END';
       CREATE TRIGGER restore BEFORE UPDATE ON platform.analytics_events FOR EACH ROW EXECUTE FUNCTION platform.restore()`,
      'DROP FUNCTION platform.restore CASCADE',
    );
    const { first } = await client.eraseAndWait({ userIds: [jane], RemoveDataFromAllBots: true });
    expect(await platform.count('analytics_events', 'user_id = $1', [jane])).toBe(0);
    expect(await platform.count('analytics_events', 'ip_address IS NOT NULL')).toBe(1);
    expect(first).toMatchObject({ status: 'FAILED', reason: 'DATA_REMAINS', partlyErased: true });
    expect(await platform.count('users', 'id = $1', [jane])).toBe(1);
    await db.run('DELETE FROM platform.analytics_events');
  });

  it('rights that were taken back are an error, never "nothing left"', async () => {
    const jane = await platform.user(account);
    await platform.conversation(jane, bot);
    const role = new URL(service.databaseUrl).username;
    await meanwhile(
      `REVOKE SELECT ON platform.alert_subscriptions FROM ${role};
       REVOKE SELECT (id, bot_id, user_id) ON platform.alert_subscriptions FROM ${role}`,
      `GRANT SELECT (id, bot_id, user_id) ON platform.alert_subscriptions TO ${role}`,
    );
    const { first } = await client.eraseAndWait({ userIds: [jane], botIds: [bot] });
    expect(first).toMatchObject({ status: 'FAILED', reason: 'STORE_REFUSED' });
    expect(await platform.count('alert_subscriptions', 'user_id = $1', [jane])).toBe(1);
  });

  it('row-level security that hides rows is an error, never "nothing left"', async () => {
    const jane = await platform.user(account);
    await platform.conversation(jane, bot);
    await meanwhile(
      `ALTER TABLE platform.feedback ENABLE ROW LEVEL SECURITY;
       ALTER TABLE platform.feedback FORCE ROW LEVEL SECURITY`,
      `ALTER TABLE platform.feedback NO FORCE ROW LEVEL SECURITY;
       ALTER TABLE platform.feedback DISABLE ROW LEVEL SECURITY`,
    );
    const { first } = await client.eraseAndWait({ userIds: [jane], botIds: [bot] });
    expect(first).toMatchObject({ status: 'FAILED', reason: 'STORE_REFUSED' });
    expect(await platform.count('users', 'id = $1', [jane])).toBe(1);
  });

  it('someone in no directory is not NOT_FOUND while a policy hides rows that may be theirs', async () => {
    const gone = 'u-in-no-directory';
    await platform.conversation(gone, bot);
    await db.run('ALTER TABLE platform.feedback ENABLE ROW LEVEL SECURITY');
    const requestId = await client.erase({ userIds: [gone, 'u-nowhere'], botIds: [bot] });
    try {
      await eventually('planning has failed', async () => {
        const tried = 'SELECT FROM expunge.erasure_requests WHERE id = $1 AND attempts > 0';
        return (await db.run(tried, [requestId])).length === 1;
      });
      const { body } = await client.status(requestId);
      expect(body.response.map(({ status }) => status)).toEqual(['PENDING', 'PENDING']);
    } finally {
      await db.run('ALTER TABLE platform.feedback DISABLE ROW LEVEL SECURITY');
    }
    const { response } = await client.settled(requestId);
    expect(response.map(({ status }) => status)).toEqual(['SUCCESS', 'NOT_FOUND']);
    expect(await platform.count('feedback', 'user_id = $1', [gone])).toBe(0);
  });

  it('a new table on the platform: erasing waits, accepting goes on, and it goes on once the table is classified', async () => {
    const jane = await platform.user(account);
    await platform.conversation(jane, bot);
    await meanwhile('CREATE TABLE platform.voice_notes (id bigint PRIMARY KEY, user_id text)', 'SELECT 1');
    await service.get(StoresService).refresh();
    const requestId = await client.erase({ userIds: [jane], botIds: [bot] });
    const waiting = await client.until(requestId, ({ response }) => response[0]?.reason === 'DATA_MAP_DRIFT');
    expect(waiting.response[0]).toMatchObject({ status: 'PENDING', reason: 'DATA_MAP_DRIFT' });
    expect(await platform.count('messages', 'user_id = $1', [jane])).toBe(2);
    await db.run('DROP TABLE platform.voice_notes');
    const { response } = await client.settled(requestId);
    expect(response[0]).toMatchObject({ status: 'SUCCESS' });
    expect(response[0]).not.toHaveProperty('reason');
  });

  it('one person whose rows always fail does not fail the others', async () => {
    const people = await Promise.all(Array.from({ length: 9 }, () => platform.user(account)));
    for (const user of people) await platform.conversation(user, bot);
    const poisoned = people[4] ?? '';
    // A row that somebody else holds for as long as we try.
    const blocker = db.dataSource.createQueryRunner();
    await blocker.startTransaction();
    await blocker.query('SELECT FROM platform.oauth_tokens WHERE user_id = $1 FOR UPDATE', [poisoned]);
    try {
      const { response, status } = await client.settled(
        await client.erase({ userIds: people, botIds: [bot] }),
      );
      const byUser = new Map(response.map((subject) => [subject.userId, subject]));
      expect(byUser.get(poisoned)).toMatchObject({ status: 'FAILED', reason: 'STORE_UNREACHABLE' });
      expect(response.filter((subject) => subject.status === 'SUCCESS')).toHaveLength(8);
      expect(status).toBe('partial');
    } finally {
      await blocker.rollbackTransaction();
      await blocker.release();
    }
  });

  it('a crash between collections, and directory rows removed by hand: the stored key set still finds the rest', async () => {
    const jane = await platform.user(account, { identities: ['web|crash-1'] });
    for (let n = 0; n < 20; n += 1) await platform.conversation(jane, null);
    await platform.anonymousTrace('web|crash-1', bot);
    await service.stop();
    const slow = await TestService.start(service.databaseUrl, {
      ...service.settings,
      chunkRows: 1,
      chunkMs: 0,
    });
    const caller = await slow.client(account);
    const requestId = await caller.erase({ userIds: [jane], RemoveDataFromAllBots: true });
    await caller.until(requestId, ({ response }) => Object.keys(response[0]?.erased ?? {}).length > 0);
    await slow.stop();
    await db.run('DELETE FROM platform.user_identities WHERE user_id = $1', [jane]);
    await db.run('DELETE FROM platform.users WHERE id = $1', [jane]);
    expect(await platform.count('debug_logs', `identity = 'web/crash-1'`)).toBe(1);

    service = await TestService.start(service.databaseUrl, service.settings);
    client = await service.client(account);
    const { response } = await client.settled(requestId);
    expect(response[0]?.status).toBe('SUCCESS');
    expect(await platform.count('debug_logs', `identity = 'web/crash-1'`)).toBe(0);
    expect(await platform.count('messages', 'user_id = $1 OR channel_user_id = $2', [jane, 'crash-1'])).toBe(
      0,
    );
  });
});
