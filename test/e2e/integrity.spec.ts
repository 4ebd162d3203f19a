import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { difference, Platform } from '../support/platform.js';
import { type TestDatabase, testDatabase } from '../support/postgres.js';
import { type TestClient, TestService } from '../support/service.js';

/** Accepting and working are two processes here, so that rows can be altered in between. */
describe('a row of ours that was not accepted erases nobody', () => {
  let db: TestDatabase;
  let platform: Platform;
  let api: TestService;
  let worker: TestService;
  let account: string;
  let client: TestClient;
  let bot: string;
  let otherBot: string;

  beforeAll(async () => {
    db = await testDatabase();
    platform = new Platform(db);
    api = await TestService.start(await db.serviceUrl(), { role: 'api' });
    account = await platform.account();
    [bot, otherBot] = [await platform.bot(account), await platform.bot(account)];
    client = await api.client(account);
  });

  afterAll(async () => {
    await api.stop();
    await db.drop();
  });

  /** Accepts, alters, and only then lets a worker at it. */
  async function afterAltering(userIds: readonly unknown[], alter: (requestId: string) => Promise<unknown>) {
    const requestId = await client.erase({ userIds, botIds: [bot] });
    await alter(requestId);
    const before = await platform.snapshot();
    worker = await TestService.start(api.databaseUrl, { ...api.settings, role: 'all' });
    try {
      const { status, response } = await client.settled(requestId);
      return { status, response, changes: difference(before, await platform.snapshot()) };
    } finally {
      await worker.stop();
    }
  }

  async function someone(): Promise<string> {
    const user = await platform.user(account);
    for (const where of [bot, otherBot]) await platform.conversation(user, where);
    return user;
  }

  it('without an alteration the same steps erase', async () => {
    const { response, changes } = await afterAltering([await someone()], () => Promise.resolve());
    expect(response[0]?.status).toBe('SUCCESS');
    expect(changes['messages']).toEqual({ gone: 2, came: 0 });
  });

  it.each([
    ['the flag is flipped', `UPDATE expunge.erasure_requests SET all_bots = true WHERE id = $1`],
    ['a bot is added', `UPDATE expunge.erasure_requests SET bot_ids = bot_ids || '{st-x}' WHERE id = $1`],
    [
      'the number of entries is changed',
      `UPDATE expunge.erasure_requests SET total = total + 1 WHERE id = $1`,
    ],
    [
      'the MAC is another',
      `UPDATE expunge.erasure_requests SET mac = sha256(mac) || sha256(mac) WHERE id = $1`,
    ],
    ['the client is another', `UPDATE expunge.erasure_requests SET client_id = 'cs-x' WHERE id = $1`],
    [
      'an entry is altered',
      `UPDATE expunge.erasure_subjects SET entry = set_byte(entry, 40, 1 + get_byte(entry, 40) % 200) WHERE request_id = $1`,
    ],
    [
      'an entry is moved to another place',
      `UPDATE expunge.erasure_subjects SET position = 7 WHERE request_id = $1`,
    ],
    [
      'an entry is doubled',
      `INSERT INTO expunge.erasure_subjects (request_id, position, entry, last_updated_on) SELECT request_id, 1, entry, now() FROM expunge.erasure_subjects WHERE request_id = $1`,
    ],
  ])('%s', async (_name, alteration) => {
    const { response, changes, status } = await afterAltering([await someone()], (id) =>
      db.run(alteration, [id]),
    );
    expect(response.length).toBeGreaterThan(0);
    for (const subject of response) expect(subject).toMatchObject({ status: 'FAILED', reason: 'INTEGRITY' });
    expect(status).toBe('failed');
    expect(changes).toEqual({});
  });

  it('an entry is moved to another request', async () => {
    const [jane, joe] = [await someone(), await someone()];
    const other = await client.erase({ userIds: [joe], RemoveDataFromAllBots: true });
    const { response, changes } = await afterAltering([jane, jane], (id) =>
      db.run(
        `UPDATE expunge.erasure_subjects SET request_id = $2, position = 5 WHERE request_id = $1 AND position = 1`,
        [id, other],
      ),
    );
    expect(response[0]).toMatchObject({ status: 'FAILED', reason: 'INTEGRITY' });
    const receiving = await client.status(other);
    for (const subject of receiving.body.response)
      expect(subject).toMatchObject({ status: 'FAILED', reason: 'INTEGRITY' });
    expect(changes).toEqual({});
  });

  it('an entry is removed, and those that are left would end without anybody erased', async () => {
    const { response, changes, status } = await afterAltering(['nobody-at-all', await someone()], (id) =>
      db.run('DELETE FROM expunge.erasure_subjects WHERE request_id = $1 AND position = 1', [id]),
    );
    expect(response.map((subject) => [subject.status, subject.reason])).toEqual([['FAILED', 'INTEGRITY']]);
    expect(status).toBe('failed');
    expect(changes).toEqual({});
  });

  it('a request that somebody inserted', async () => {
    const jane = await someone();
    const accepted = await client.erase({
      userIds: [jane],
      botIds: [bot],
      notBefore: new Date(Date.now() + 86_400_000).toISOString(),
    });
    const forged = 'eud-00000000-0000-4000-8000-000000000000';
    await db.run(
      `INSERT INTO expunge.erasure_requests (id, account_id, client_id, all_bots, bot_ids, received_on, due_on, not_before,
         created_on, last_updated_on, total, mac)
       SELECT $2, account_id, client_id, all_bots, bot_ids, received_on, due_on, created_on, created_on, created_on, total, mac
       FROM expunge.erasure_requests WHERE id = $1`,
      [accepted, forged],
    );
    const { changes } = await afterAltering([await someone()], () =>
      db.run(
        `INSERT INTO expunge.erasure_subjects (request_id, position, entry, last_updated_on)
         SELECT $2, position, entry, now() FROM expunge.erasure_subjects WHERE request_id = $1`,
        [accepted, forged],
      ),
    );
    const status = await client.status(forged);
    expect(status.body.response[0]).toMatchObject({ userId: null, status: 'FAILED', reason: 'INTEGRITY' });
    expect(await platform.count('users', 'id = $1', [jane])).toBe(1);
    expect(await platform.count('messages', 'user_id = $1', [jane])).toBe(4);
    expect(changes['messages']).toEqual({ gone: 2, came: 0 });
  });

  it('a person of another request is put into a batch', async () => {
    const [jane, joe] = [await someone(), await someone()];
    const victim = await client.erase({ userIds: [joe], botIds: [bot] });
    const requestId = await client.erase({ userIds: [jane], botIds: [bot] });
    worker = await TestService.start(api.databaseUrl, { ...api.settings, role: 'all' });
    const done = await client.settled(requestId);
    await client.settled(victim);
    await worker.stop();
    // The key set of Joe, in a batch of Jane's request, opens nowhere.
    const before = await platform.snapshot();
    await db.run(
      `UPDATE expunge.erasure_persons p SET request_id = $1, status = 'PENDING', person_hash = sha256(person_hash),
        batch_id = (SELECT batch_id FROM expunge.erasure_persons WHERE request_id = $1 LIMIT 1) WHERE request_id = $2`,
      [requestId, victim],
    );
    await db.run(
      `UPDATE expunge.erasure_requests SET status = 'in-progress', settled_on = NULL, all_bots = all_bots WHERE id = $1`,
      [requestId],
    );
    await db.run(
      `UPDATE expunge.erasure_batches SET state = 'WAITING', settled_on = NULL WHERE request_id = $1`,
      [requestId],
    );
    worker = await TestService.start(api.databaseUrl, { ...api.settings, role: 'all' });
    await client.settled(requestId);
    await worker.stop();
    expect(done.response[0]?.status).toBe('SUCCESS');
    expect(difference(before, await platform.snapshot())).toEqual({});
    const [{ reason } = { reason: '' }] = await db.run<{ reason: string }>(
      `SELECT reason FROM expunge.erasure_persons WHERE request_id = $1 AND status = 'FAILED'`,
      [requestId],
    );
    expect(reason).toBe('INTEGRITY');
  });
});
