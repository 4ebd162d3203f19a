import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClientAppsService } from '../../src/auth/client-apps.service.js';
import { DELETE_USERS_DATA, ERASE_IN_BULK } from '../../src/auth/scopes.js';
import { BulkUpload } from '../support/bulk-upload.js';
import { Platform } from '../support/platform.js';
import { type TestDatabase, testDatabase } from '../support/postgres.js';
import { type TestClient, TestService } from '../support/service.js';
import { signedToken } from '../support/tokens.js';

const scopes = [ERASE_IN_BULK, DELETE_USERS_DATA];
const everywhere = { RemoveDataFromAllBots: true };

describe('a bulk call', () => {
  let db: TestDatabase;
  let service: TestService;
  let platform: Platform;
  let account: string;
  let client: TestClient;

  beforeAll(async () => {
    db = await testDatabase();
    service = await TestService.start(await db.serviceUrl());
    platform = new Platform(db);
    account = await platform.account();
    client = await service.client(account, { scopes });
  });

  afterAll(async () => {
    await service.stop();
    await db.drop();
  });

  /** Waits until entries of the one upload are stored; returns its id. */
  async function uploading(): Promise<string> {
    return until(async () => {
      const [row] = await db.run<{ id: string }>(
        `SELECT r.id FROM expunge.erasure_requests r WHERE r.status = 'uploading'
         AND EXISTS (SELECT FROM expunge.erasure_subjects s WHERE s.request_id = r.id)`,
      );
      return row?.id ?? null;
    });
  }

  /** Waits until nothing at all is left of a request. */
  async function gone(requestId: string): Promise<void> {
    await until(async () => {
      const [row] = await db.run<{ left: number }>(
        `SELECT (SELECT count(*) FROM expunge.erasure_requests WHERE id = $1)::int
              + (SELECT count(*) FROM expunge.erasure_subjects WHERE request_id = $1)::int AS left`,
        [requestId],
      );
      return row?.left === 0 ? true : null;
    });
  }

  const page = (entries: number): string[] => Array.from({ length: entries }, (_, n) => `nobody-${n}`);

  it('erases whom its lines name, in every way there is, and reports them in the order sent', async () => {
    const bot = await platform.bot(account);
    const jane = await platform.user(account, { email: 'jane@example.com', identities: ['web|w-1'] });
    const omar = await platform.user(account, { enterpriseId: 'E-1' });
    for (const user of [jane, omar]) await platform.conversation(user, bot);
    const bystander = await platform.user(account);
    await platform.conversation(bystander, bot);
    const lines = [
      { email: 'JANE@example.com' },
      'E-1',
      { channelId: 'web', channelUserId: 'w-1' },
      'nobody',
    ];

    const upload = BulkUpload.to(client);
    await upload.send({ botIds: [bot], reference: 'case-7', receivedOn: '2026-01-02' }, ...lines.slice(0, 2));
    // A chunk may end anywhere, and the last line may lack its newline.
    await upload.write('{"channelId": "web", "chann');
    await upload.write('elUserId": "w-1"}\r\n"nob');
    await upload.write('ody"');
    const answer = await upload.end();

    expect(answer).toMatchObject({ status: 200, requestId: expect.stringMatching(/^eud-/) as unknown });
    const status = await client.settled(answer?.requestId ?? '');
    expect(status.response.map(({ userId }) => userId)).toEqual(lines);
    expect(status.response.map((entry) => entry.status)).toEqual([
      'SUCCESS',
      'SUCCESS',
      'SUCCESS',
      'NOT_FOUND',
    ]);
    expect(status).toMatchObject({
      reference: 'case-7',
      botIds: [bot],
      progress: { total: 4, done: 4 },
      receivedOn: '2026-01-02T00:00:00.000Z',
      dueOn: '2026-02-02T00:00:00.000Z',
    });
    expect(await platform.count('messages', 'user_id = ANY ($1)', [[jane, omar]])).toBe(0);
    expect(await platform.count('messages', 'user_id = $1', [bystander])).toBe(2);
  });

  it('takes 100,000 entries, each at its place', async () => {
    const upload = BulkUpload.to(client);
    await upload.send({ ...everywhere, notBefore: new Date(Date.now() + 86_400_000).toISOString() });
    for (let n = 0; n < 100; n += 1)
      await upload.send(...Array.from({ length: 1_000 }, (_, k) => ({ userId: `u-${n * 1_000 + k}` })));
    const answer = await upload.end();
    expect(answer?.status).toBe(200);
    let cursor = '';
    for (let from = 0; from < 100_000; from += 10_000) {
      const { body } = await client.status(answer?.requestId ?? '', `?limit=10000${cursor}`);
      expect(body).toMatchObject({ progress: { total: 100_000, done: 0 }, counts: { PENDING: 100_000 } });
      expect(body.response.map(({ userId }) => userId)).toEqual(
        Array.from({ length: 10_000 }, (_, n) => ({ userId: `u-${from + n}` })),
      );
      cursor = `&cursor=${body.nextCursor ?? 'none'}`;
    }
    expect(cursor).toBe('&cursor=none');
  }, 120_000);

  it('is nothing to anyone before its last line: no route shows it, nobody works on it, no transaction waits', async () => {
    const user = await platform.user(account, { email: 'early@example.com' });
    const upload = BulkUpload.to(client);
    await upload.send(everywhere, { userId: user }, ...page(5_000));
    const id = await uploading();
    expect((await client.status(id)).status).toBe(404);
    // The worker has been awake and done another request meanwhile.
    await client.eraseAndWait({ userIds: ['nobody'], ...everywhere });
    const [row] = await db.run(
      `SELECT r.worker, r.fence, r.planned_on,
              (SELECT count(*)::int FROM pg_stat_activity
               WHERE datname = current_database() AND state = 'idle in transaction') AS waiting
       FROM expunge.erasure_requests r WHERE id = $1`,
      [id],
    );
    expect(row).toEqual({ worker: null, fence: '0', planned_on: null, waiting: 0 });
    expect(await platform.count('users', 'id = $1', [user])).toBe(1);

    expect((await upload.end())?.requestId).toBe(id);
    await client.settled(id);
    expect(await platform.count('users', 'id = $1', [user])).toBe(0);
  }, 60_000);

  it.each<[string, string, number, object]>([
    [
      'is no JSON',
      '{"userId": "x"',
      400,
      {
        reason: 'INVALID_JSON',
        msg: 'The body is not valid JSON: the end of the body at line 5003, column 15; expected more of it: something opened is never closed',
        details: [{ field: 'line 5003, column 15' }],
      },
    ],
    [
      'is blank',
      '',
      400,
      { reason: 'INVALID_JSON', details: [{ field: 'line 5003', problem: 'a blank line' }] },
    ],
    [
      'is a number',
      '17',
      412,
      { reason: 'INVALID_FIELDS', details: [{ field: 'line 5003', problem: 'a number' }] },
    ],
    [
      'has a wrong member',
      '{"channelId": "web", "channelUserId": 5}',
      412,
      { details: [{ field: 'line 5003.channelUserId', problem: 'a number' }] },
    ],
    [
      'is too long',
      `"${'x'.repeat(64 * 1024)}"`,
      413,
      { reason: 'BODY_TOO_LARGE', details: [{ field: 'line 5003', expected: 'at most 65536 bytes' }] },
    ],
  ])(
    'is refused as a whole for one line that %s, by its number; nothing of it remains',
    async (_, line, status, error) => {
      const upload = BulkUpload.to(client);
      await upload.send(everywhere, ...page(5_001));
      const id = await uploading();
      await upload.write(`${line}\n`);
      const answer = await upload.answer;
      expect(answer).toMatchObject({ status, error });
      expect(JSON.stringify(answer?.error)).not.toContain('xxx');
      expect((await client.status(id)).status).toBe(404);
      await gone(id);
    },
    60_000,
  );

  it('whose connection breaks leaves nothing', async () => {
    const upload = BulkUpload.to(client);
    await upload.send(everywhere, ...page(5_000));
    const id = await uploading();
    upload.cut();
    await gone(id);
  }, 60_000);

  it('that falls silent in the midst of a line is 408 and leaves nothing', async () => {
    const impatient = await TestService.start(db.url, { ...service.settings, uploadSilenceMs: 1_000 });
    const upload = BulkUpload.to({ url: impatient.url, token: client.token });
    await upload.send(everywhere, ...page(10_000));
    await upload.write('"half a li');
    expect(await upload.answer).toMatchObject({ status: 408, error: { reason: 'REQUEST_TIMEOUT' } });
    await impatient.stop();
    await until(async () => {
      const hidden = await db.run(
        `SELECT id FROM expunge.erasure_requests WHERE status IN ('uploading', 'forgotten')`,
      );
      return hidden.length === 0 ? true : null;
    });
  }, 60_000);

  it('whose receiver died is swept, and can never come to life again', async () => {
    const upload = BulkUpload.to(client);
    await upload.send(everywhere, ...page(5_000));
    const id = await uploading();
    await db.run(
      `UPDATE expunge.erasure_requests SET lease_until = clock_timestamp() - interval '1 s' WHERE id = $1`,
      [id],
    );
    await gone(id);
    // A receiver that only stood still is told as much.
    expect(await upload.end()).toMatchObject({ status: 503, error: { reason: 'UNAVAILABLE' } });
    await gone(id);
  }, 60_000);

  it('says at once what is wrong with its head, by the place in line 1', async () => {
    const refused = async (head: unknown): Promise<object | undefined> => {
      const upload = BulkUpload.to(client);
      await upload.send(head);
      return (await upload.answer)?.error;
    };
    expect(await refused({ botIds: ['st-elsewhere'] })).toMatchObject({
      reason: 'UNKNOWN_BOT',
      details: [{ field: 'line 1.botIds[0]' }],
    });
    expect(await refused({ userIds: ['x'], RemoveDataFromAllBots: 'yes', botIds: ['a'] })).toMatchObject({
      reason: 'INVALID_FIELDS',
      details: [
        { field: 'line 1.userIds' },
        { field: 'line 1.RemoveDataFromAllBots', problem: '3 characters' },
      ],
    });
    expect(await refused(['x'])).toMatchObject({ details: [{ field: 'line 1', problem: 'a list of 1' }] });
    expect(await db.run(`SELECT id FROM expunge.erasure_requests WHERE status = 'uploading'`)).toEqual([]);
  });

  it('without an entry, or without a line, is refused', async () => {
    const upload = BulkUpload.to(client);
    await upload.send(everywhere);
    expect((await upload.end())?.error).toMatchObject({ details: [{ field: 'line 2', problem: 'nothing' }] });
    expect((await BulkUpload.to(client).end())?.error).toMatchObject({
      reason: 'INVALID_FIELDS',
      details: [{ field: 'line 1', problem: 'nothing' }],
    });
  });

  it('needs its own scope and a strict token, and is told so before it sends anything', async () => {
    const refusal = async (token: string): Promise<object | undefined> => {
      const answer = await BulkUpload.to({ url: client.url, token }).answer;
      return { status: answer?.status, reason: answer?.error.reason };
    };
    const unscoped = await service.client(account);
    expect(await refusal(unscoped.token)).toEqual({ status: 401, reason: 'SCOPE_MISSING' });
    const until = new Date(Date.now() + 86_400_000);
    const compatible = await service.client(account, {
      scopes,
      tokenPolicy: 'compatible',
      tokenPolicyUntil: until,
    });
    const documented = signedToken(compatible.clientSecret, { sub: 'x', appId: compatible.clientId });
    expect(await refusal(documented)).toEqual({ status: 401, reason: 'TOKEN_POLICY' });
    expect(await refusal('nonsense')).toEqual({ status: 401, reason: 'INVALID_TOKEN' });
  });

  it('spends a one-time token exactly when it is accepted', async () => {
    const { clientId, clientSecret, url } = client;
    const iat = Math.floor(Date.now() / 1_000);
    const token = signedToken(clientSecret, { appId: clientId, iat, exp: iat + 600, jti: 'bulk-1' });
    const attempt = async (...lines: unknown[]): Promise<number | undefined> => {
      const upload = BulkUpload.to({ url, token });
      await upload.send(everywhere, ...lines);
      return (await upload.end())?.status;
    };
    expect(await attempt(5)).toBe(412);
    expect(await attempt('nobody')).toBe(200);
    expect(await attempt('nobody')).toBe(401);
  });

  it('that is sent again under its Idempotency-Key gets the first answer, and leaves nothing of its own', async () => {
    const attempt = async (lines: readonly unknown[], spaces = ''): Promise<object | undefined> => {
      const upload = BulkUpload.to(client, { 'idempotency-key': 'bulk-jane@example.com' });
      for (const line of lines) await upload.write(`${spaces}${JSON.stringify(line)}\n`);
      const answer = await upload.end();
      return { status: answer?.status, id: answer?.requestId, reason: answer?.error.reason };
    };
    const first = await attempt([{ ...everywhere, reference: 'x' }, 'nobody', { email: 'nobody' }]);
    expect(first).toMatchObject({ status: 200 });
    // The same, written in another way.
    expect(await attempt([{ reference: 'x', ...everywhere }, 'nobody', { email: 'nobody' }], '  ')).toEqual(
      first,
    );
    expect(await attempt([{ ...everywhere, reference: 'x' }, 'nobody', 'nobody'])).toMatchObject({
      status: 409,
      reason: 'IDEMPOTENCY_KEY_REUSED',
    });
    await until(async () => {
      const [row] = await db.run<{ requests: number }>(
        `SELECT count(*)::int AS requests FROM expunge.erasure_requests WHERE status IN ('uploading', 'forgotten')`,
      );
      return row?.requests === 0 ? true : null;
    });
  }, 60_000);

  it('of an app that was revoked meanwhile is not accepted', async () => {
    const revoked = await service.client(account, { scopes });
    const upload = BulkUpload.to(revoked);
    await upload.send(everywhere, ...page(5_000));
    const id = await uploading();
    await service.get(ClientAppsService).revoke(revoked.clientId);
    // An app is taken for good for a second without another look.
    await until(async () => ((await revoked.status(id)).status === 401 ? true : null));
    expect(await upload.end()).toMatchObject({ status: 401, error: { reason: 'APP_REVOKED' } });
    await gone(id);
  }, 60_000);

  it('erases nobody when an entry was taken out of it by hand', async () => {
    const user = await platform.user(account);
    const upload = BulkUpload.to(client);
    await upload.send(
      { ...everywhere, notBefore: new Date(Date.now() + 86_400_000).toISOString() },
      'nobody',
      { userId: user },
    );
    const id = (await upload.end())?.requestId ?? '';
    await db.run('DELETE FROM expunge.erasure_subjects WHERE request_id = $1 AND position = 0', [id]);
    await db.run(
      'UPDATE expunge.erasure_requests SET not_before = clock_timestamp(), total = 1 WHERE id = $1',
      [id],
    );
    const status = await client.settled(id);
    expect(status.response).toMatchObject([{ status: 'FAILED', reason: 'INTEGRITY' }]);
    expect(await platform.count('users', 'id = $1', [user])).toBe(1);
  });
});

async function until<T>(look: () => Promise<T | null>, withinMs = 30_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (Date.now() > deadline) throw new Error(`not so within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
