import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigurationError } from '../../../src/config/configuration-error.js';
import { Platform } from '../../support/platform.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { TestService } from '../../support/service.js';

/** A start that must fail; one that does not is ended, so that it does not outlive the test. */
async function refusedStart(...start: Parameters<typeof TestService.start>): Promise<void> {
  const service = await TestService.start(...start);
  await service.stop();
}

describe('the start refuses', () => {
  let db: TestDatabase;
  let serviceUrl: string;
  const masterKey = randomBytes(32);

  beforeAll(async () => {
    db = await testDatabase();
    serviceUrl = await db.serviceUrl();
  });

  afterAll(() => db.drop());

  it('in production a superuser and an owner, unless that is allowed', async () => {
    await expect(refusedStart(db.url, { production: true })).rejects.toThrow(ConfigurationError);
    const allowed = await TestService.start(db.url, { production: true, allowOwner: true });
    await allowed.stop();
    const granted = await TestService.start(serviceUrl, { production: true });
    await granted.stop();
  });

  it('a master key that does not unwrap the data keys', async () => {
    const first = await TestService.start(serviceUrl, { masterKey });
    const account = await new Platform(db).account();
    await first.client(account);
    await first.stop();
    await expect(refusedStart(serviceUrl, { masterKey: randomBytes(32) })).rejects.toThrow(
      /EXPUNGE_MASTER_KEY/,
    );
    const again = await TestService.start(serviceUrl, { masterKey });
    await again.stop();
  });

  it('no other master key that knows the one before: what was accepted under that goes on, and so do its clients', async () => {
    const url = await db.serviceUrl();
    const platform = new Platform(db);
    const account = await platform.account();
    const [user, bot] = [await platform.user(account), await platform.bot(account)];
    await platform.conversation(user, bot);
    const before = await TestService.start(url, { masterKey, role: 'api' });
    const client = await before.client(account);
    const requestId = await client.erase({ userIds: [user], botIds: [bot], reference: 'case-7' });
    await before.stop();

    const next = randomBytes(32);
    const changing = await TestService.start(url, { masterKey: next, masterKeyPrevious: masterKey });
    const { response } = await client.at(changing.url).settled(requestId);
    expect(response).toMatchObject([{ userId: user, status: 'SUCCESS' }]);
    await changing.stop();
    await expect(refusedStart(url, { masterKey })).rejects.toThrow(/EXPUNGE_MASTER_KEY/);
    const changed = await TestService.start(url, { masterKey: next });
    const { body } = await client.at(changed.url).status(requestId);
    expect(body).toMatchObject({ reference: 'case-7', response: [{ userId: user }] });
    await changed.stop();
    await (await TestService.start(url, { masterKey, masterKeyPrevious: next })).stop();
  });

  it.each<[string, readonly string[], readonly string[], RegExp]>([
    [
      'a view that filters',
      [
        'ALTER TABLE platform.feedback RENAME TO feedback_all',
        'CREATE VIEW platform.feedback AS SELECT * FROM platform.feedback_all WHERE score > 0',
      ],
      ['DROP VIEW platform.feedback', 'ALTER TABLE platform.feedback_all RENAME TO feedback'],
      /platform\.feedback: is a view/,
    ],
    ...['CASCADE', 'SET NULL', 'SET DEFAULT'].map(
      (action): [string, readonly string[], readonly string[], RegExp] => [
        `rows that go or change with others: ON DELETE ${action}`,
        [
          `CREATE TABLE platform.stars (id bigint PRIMARY KEY, message_id text REFERENCES platform.messages ON DELETE ${action})`,
          'CREATE INDEX ON platform.stars (message_id)',
        ],
        ['DROP TABLE platform.stars'],
        new RegExp(`platform\\.messages: .*ON DELETE ${action}`),
      ],
    ),
    [
      'a trigger that swallows deletes',
      [
        `CREATE FUNCTION platform.keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
        'CREATE TRIGGER keep BEFORE DELETE ON platform.oauth_tokens FOR EACH ROW EXECUTE FUNCTION platform.keep()',
      ],
      ['DROP FUNCTION platform.keep CASCADE'],
      /platform\.oauth_tokens: trigger keep/,
    ],
    [
      'a trigger that copies what goes into a history',
      [
        `CREATE FUNCTION platform.copy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'`,
        'CREATE TRIGGER history AFTER DELETE ON platform.debug_logs FOR EACH ROW EXECUTE FUNCTION platform.copy()',
      ],
      ['DROP FUNCTION platform.copy CASCADE'],
      /platform\.debug_logs: trigger history/,
    ],
    [
      'a rule',
      ['CREATE RULE hush AS ON DELETE TO platform.attachments DO INSTEAD NOTHING'],
      ['DROP RULE hush ON platform.attachments'],
      /platform\.attachments: rule hush/,
    ],
    [
      'a table without a primary key',
      ['ALTER TABLE platform.feedback DROP CONSTRAINT feedback_pkey'],
      ['ALTER TABLE platform.feedback ADD PRIMARY KEY (id)'],
      /platform\.feedback: has no primary key/,
    ],
    [
      'a collection that the role may not read',
      ['REVOKE ALL ON platform.alert_subscriptions FROM ROLE'],
      [],
      /platform\.alert_subscriptions: .*may not read/,
    ],
    [
      'a tie without an index',
      ['DROP INDEX platform.debug_logs_identity'],
      ['CREATE INDEX debug_logs_identity ON platform.debug_logs (identity, id)'],
      /platform\.debug_logs: no index serves the tie identity/,
    ],
    [
      'a policy that would hide rows',
      ['ALTER TABLE platform.agent_transfers ENABLE ROW LEVEL SECURITY'],
      ['ALTER TABLE platform.agent_transfers DISABLE ROW LEVEL SECURITY'],
      /platform\.agent_transfers: a row-level policy/,
    ],
  ])('to work on %s; the API alone starts', async (_what, change, undo, complaint) => {
    const databaseUrl = await db.serviceUrl();
    try {
      for (const statement of change) await db.run(statement.replace('ROLE', new URL(databaseUrl).username));
      for (const role of ['all', 'worker'] as const)
        await expect(refusedStart(databaseUrl, { masterKey, role })).rejects.toThrow(complaint);
      const api = await TestService.start(databaseUrl, { masterKey, role: 'api' });
      expect((await fetch(`${api.url}/health/ready`)).status).toBe(200);
      await api.stop();
    } finally {
      for (const statement of undo) await db.run(statement);
    }
  });

  it('nothing of all that once it is undone', async () => {
    const service = await TestService.start(await db.serviceUrl(), { masterKey });
    expect((await fetch(`${service.url}/health/ready`)).status).toBe(200);
    await service.stop();
  });
});
