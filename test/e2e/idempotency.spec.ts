import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { Platform } from '../support/platform.js';
import { type TestDatabase, testDatabase } from '../support/postgres.js';
import { type TestClient, TestService } from '../support/service.js';
import { signedToken } from '../support/tokens.js';
import { send, type WireAnswer, type WireCall } from '../support/wire.js';

/** Accepting is all this is about: no worker takes part until it is asked for. */
describe('a call that names itself by an Idempotency-Key', () => {
  let db: TestDatabase;
  let platform: Platform;
  let service: TestService;
  let account: string;
  let bot: string;
  let client: TestClient;

  beforeAll(async () => {
    db = await testDatabase();
    platform = new Platform(db);
    service = await TestService.start(await db.serviceUrl(), { role: 'api' });
    account = await platform.account();
    bot = await platform.bot(account);
    client = await service.client(account);
  });

  afterAll(async () => {
    await service.stop();
    await db.drop();
  });

  const body = { userIds: ['jane@example.com', { channelId: 'sms', channelUserId: '+1' }], botIds: ['?'] };
  const good = (): object => ({ ...body, botIds: [bot] });

  function erase(key: string, sent: unknown = good(), call: WireCall = {}, by = client): Promise<WireAnswer> {
    return send(by, { body: sent, ...call, headers: { 'idempotency-key': key, ...call.headers } });
  }

  async function requests(): Promise<number> {
    const [row] = await db.run<{ n: number }>('SELECT count(*)::int AS n FROM expunge.erasure_requests');
    return row?.n ?? 0;
  }

  it('gets the first answer again, and makes no second request', async () => {
    const [key, before] = [randomUUID(), await requests()];
    const first = await erase(key);
    expect(first.status).toBe(200);
    const again = await erase(key);
    expect(again.json).toEqual(first.json);
    expect((await erase(key, good(), { method: 'DELETE' })).json).toEqual(first.json);
    expect(await requests()).toBe(before + 1);
    expect((await erase(randomUUID())).json['requestId']).not.toBe(first.json['requestId']);
  });

  it('is recognised however its body is written down, and whatever became of its bots', async () => {
    const [key, gone] = [randomUUID(), await platform.bot(account)];
    const sent = { userIds: [{ channelId: 'sms', channelUserId: '+1' }], botIds: [gone] };
    const first = await erase(key, sent);
    const other = `{ "botIds" : ["${gone}"],\n "userIds": [{"channelUserId":"+1", "channelId":"sms"}] }`;
    expect((await erase(key, other)).json).toEqual(first.json);
    await db.run('DELETE FROM platform.bots WHERE id = $1', [gone]);
    expect((await erase(key, sent)).json).toEqual(first.json);
  });

  it.each<[string, (was: { userIds: unknown[] }) => unknown]>([
    ['another person', (was) => ({ ...was, userIds: ['joe@example.com'] })],
    ['the same people in another order', (was) => ({ ...was, userIds: [...was.userIds].reverse() })],
    ['another flag', (was) => ({ ...was, RemoveDataFromAllBots: true })],
    ['a reference', (was) => ({ ...was, reference: 'case-7' })],
  ])('with %s is a conflict', async (_what, change) => {
    const [key, was] = [randomUUID(), { ...body, botIds: [bot] }];
    await erase(key, was);
    const before = await requests();
    const answer = await erase(key, change(was));
    expect(answer.status).toBe(409);
    expect(answer.error).toMatchObject({
      code: 409,
      reason: 'IDEMPOTENCY_KEY_REUSED',
      details: [{ field: 'Idempotency-Key' }],
    });
    expect(answer.text).not.toContain(key);
    expect(await requests()).toBe(before);
    expect((await erase(key, was)).status).toBe(200);
  });

  it('sent many times at once makes one request', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [key, before] = [randomUUID(), await requests()];
      const answers = await Promise.all(Array.from({ length: 8 }, () => erase(key)));
      expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
      expect(new Set(answers.map(({ json }) => json['requestId'])).size).toBe(1);
      expect(await requests()).toBe(before + 1);
    }
  });

  it('with two bodies at once is accepted once', async () => {
    const key = randomUUID();
    const answers = await Promise.all([
      erase(key),
      erase(key, { ...good(), reference: 'a' }),
      erase(key, { ...good(), reference: 'b' }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  });

  it('is known to its own app alone', async () => {
    const key = randomUUID();
    const other = await service.client(account);
    const first = await erase(key);
    const theirs = await erase(key, good(), {}, other);
    expect(theirs.status).toBe(200);
    expect(theirs.json['requestId']).not.toBe(first.json['requestId']);
  });

  it.each<[string, unknown, number]>([
    ['a mistake in its body', { userIds: [] }, 412],
    ['a bot that is not there', { ...body, botIds: ['st-none'] }, 412],
    ['broken JSON', '{', 400],
  ])('that failed for %s has not used its key', async (_what, sent, status) => {
    const key = randomUUID();
    expect((await erase(key, sent)).status).toBe(status);
    expect((await erase(key)).status).toBe(200);
  });

  it('that the database failed has not used its key', async () => {
    const key = randomUUID();
    await db.run('ALTER TABLE expunge.erasure_subjects RENAME TO gone');
    expect((await erase(key)).status).toBe(500);
    await db.run('ALTER TABLE expunge.gone RENAME TO erasure_subjects');
    expect((await erase(key, { ...good(), reference: 'other' })).status).toBe(200);
  });

  it.each([
    ['', 'an empty string'],
    ['k'.repeat(256), '256 characters'],
  ])('%j is refused, naming the header', async (key, problem) => {
    const answer = await erase(key);
    expect(answer.status).toBe(412);
    expect(answer.error).toMatchObject({
      reason: 'INVALID_FIELDS',
      details: [{ field: 'Idempotency-Key', problem }],
    });
    expect(answer.text).not.toContain('kkk');
  });

  it('of 255 characters is taken, of any alphabet', async () => {
    // Bytes of UTF-8, as clients write them into a header.
    for (const key of ['k'.repeat(255), Buffer.from('é'.repeat(255)).toString('latin1')]) {
      const first = await erase(key);
      expect(first.status).toBe(200);
      expect((await erase(key)).json).toEqual(first.json);
    }
  });

  it('is forgotten after a day', async () => {
    const key = randomUUID();
    const first = await erase(key);
    const [row] = await db.run<{ hours: number }>(
      `SELECT extract(epoch FROM expires_on - now()) / 3600 AS hours FROM expunge.idempotency_keys WHERE request_id = $1`,
      [first.json['requestId']],
    );
    expect(Math.round(Number(row?.hours))).toBe(24);
    await expire();
    const next = await erase(key, { ...good(), reference: 'another body' });
    expect(next.status).toBe(200);
    expect(next.json['requestId']).not.toBe(first.json['requestId']);
    expect((await erase(key)).status).toBe(409);
  });

  it('is swept when it has run out, and not before', async () => {
    await erase(randomUUID());
    const kept = await erase(randomUUID());
    await expire(`request_id <> '${String(kept.json['requestId'])}'`);
    const worker = await TestService.start(service.databaseUrl, { ...service.settings, role: 'worker' });
    const left = async (): Promise<number> => (await db.run('SELECT FROM expunge.idempotency_keys')).length;
    await eventually('swept', async () => (await left()) <= 1).finally(() => worker.stop());
    expect(await left()).toBe(1);
  });

  it('leaves a one-time token to be spent by each call that is answered', async () => {
    const key = randomUUID();
    const now = Math.floor(Date.now() / 1000);
    const claims = { sub: 'me', appId: client.clientId, iat: now, exp: now + 60 };
    const token = (): string => signedToken(client.clientSecret, { ...claims, jti: randomUUID() });
    const [one, two] = [token(), token()];
    const first = await erase(key, good(), { auth: one });
    const again = await erase(key, good(), { auth: two });
    expect(again.json).toEqual(first.json);
    expect((await erase(key, good(), { auth: one })).error.reason).toBe('TOKEN_REPLAYED');
    expect((await erase(key, good(), { auth: two })).error.reason).toBe('TOKEN_REPLAYED');
  });

  it('leaves nothing of key and body in the database that could be read', async () => {
    const key = `erase-jane-${randomUUID()}@example.com`;
    await erase(key);
    const rows = await db.run<{ row: string }>(
      'SELECT to_jsonb(k)::text AS row FROM expunge.idempotency_keys k',
    );
    const text = rows.map(({ row }) => row).join('\n');
    for (const word of ['jane', Buffer.from(key).toString('hex'), Buffer.from('jane').toString('hex')])
      expect(text).not.toContain(word);
  });

  async function expire(where = 'true'): Promise<void> {
    await db.run(
      `UPDATE expunge.idempotency_keys SET expires_on = clock_timestamp() - interval '1 second' WHERE ${where}`,
    );
  }
});
