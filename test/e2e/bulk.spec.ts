import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BulkUpload } from '../support/bulk-upload.js';
import { bulkScopes, BulkWorld, entries, everywhere, until } from '../support/bulk-world.js';
import { signedToken } from '../support/tokens.js';

describe('a bulk call', () => {
  let world: BulkWorld;
  beforeAll(async () => {
    world = await BulkWorld.open();
  });
  afterAll(() => world.close());

  it('erases whom its lines name, in every way there is, and reports them in the order sent', async () => {
    const bot = await world.platform.bot(world.account);
    const jane = await world.platform.user(world.account, {
      email: 'jane@example.com',
      identities: ['web|w-1'],
    });
    const omar = await world.platform.user(world.account, { enterpriseId: 'E-1' });
    for (const user of [jane, omar]) await world.platform.conversation(user, bot);
    const bystander = await world.platform.user(world.account);
    await world.platform.conversation(bystander, bot);
    const lines = [
      { email: 'JANE@example.com' },
      'E-1',
      { channelId: 'web', channelUserId: 'w-1' },
      'nobody',
    ];

    const upload = BulkUpload.to(world.client);
    await upload.send({ botIds: [bot], reference: 'case-7', receivedOn: '2026-01-02' }, ...lines.slice(0, 2));
    // A chunk may end anywhere, and the last line may lack its newline.
    await upload.write('{"channelId": "web", "chann');
    await upload.write('elUserId": "w-1"}\r\n"nob');
    await upload.write('ody"');
    const answer = await upload.end();

    expect(answer).toMatchObject({ status: 200, requestId: expect.stringMatching(/^eud-/) as unknown });
    const status = await world.client.settled(answer?.requestId ?? '');
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
    expect(await world.platform.count('messages', 'user_id = ANY ($1)', [[jane, omar]])).toBe(0);
    expect(await world.platform.count('messages', 'user_id = $1', [bystander])).toBe(2);
  });

  it('takes 100,000 entries, each at its place', async () => {
    const upload = BulkUpload.to(world.client);
    await upload.send({ ...everywhere, notBefore: new Date(Date.now() + 86_400_000).toISOString() });
    for (let n = 0; n < 100; n += 1)
      await upload.send(...Array.from({ length: 1_000 }, (_, k) => ({ userId: `u-${n * 1_000 + k}` })));
    const answer = await upload.end();
    expect(answer?.status).toBe(200);
    let cursor = '';
    for (let from = 0; from < 100_000; from += 10_000) {
      const { body } = await world.client.status(answer?.requestId ?? '', `?limit=10000${cursor}`);
      expect(body).toMatchObject({ progress: { total: 100_000, done: 0 }, counts: { PENDING: 100_000 } });
      expect(body.response.map(({ userId }) => userId)).toEqual(
        Array.from({ length: 10_000 }, (_, n) => ({ userId: `u-${from + n}` })),
      );
      cursor = `&cursor=${body.nextCursor ?? 'none'}`;
    }
    expect(cursor).toBe('&cursor=none');
  }, 120_000);

  it('is nothing to anyone before its last line: no route shows it, nobody works on it, no transaction waits', async () => {
    const user = await world.platform.user(world.account, { email: 'early@example.com' });
    const upload = BulkUpload.to(world.client);
    await upload.send(everywhere, { userId: user }, ...entries(5_000));
    const id = await world.uploading();
    expect((await world.client.status(id)).status).toBe(404);
    // The worker has been awake and done another request meanwhile.
    await world.client.eraseAndWait({ userIds: ['nobody'], ...everywhere });
    const [row] = await world.db.run(
      `SELECT r.worker, r.fence, r.planned_on, r.not_before = 'infinity' AS never, r.mac = '' AS unsealed
       FROM expunge.erasure_requests r WHERE id = $1`,
      [id],
    );
    expect(row).toEqual({
      worker: null,
      fence: '0',
      planned_on: null,
      never: true,
      unsealed: true,
    });
    // Those of the worker are between two of their statements for a moment; one that waits for the client would stay.
    await until(async () => {
      const idle = await world.db.run(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'`,
      );
      return idle.length === 0 ? true : null;
    }, 2_000);
    expect(await world.platform.count('users', 'id = $1', [user])).toBe(1);

    expect((await upload.end())?.requestId).toBe(id);
    await world.client.settled(id);
    expect(await world.platform.count('users', 'id = $1', [user])).toBe(0);
  }, 60_000);

  it('says at once what is wrong with its head, by the place in line 1', async () => {
    const refused = async (head: unknown): Promise<object | undefined> => {
      const upload = BulkUpload.to(world.client);
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
    expect(await world.db.run(`SELECT id FROM expunge.erasure_requests WHERE status = 'uploading'`)).toEqual(
      [],
    );
  });

  it('without an entry, or without a line, is refused', async () => {
    const upload = BulkUpload.to(world.client);
    await upload.send(everywhere);
    expect((await upload.end())?.error).toMatchObject({ details: [{ field: 'line 2', problem: 'nothing' }] });
    expect((await BulkUpload.to(world.client).end())?.error).toMatchObject({
      reason: 'INVALID_FIELDS',
      details: [{ field: 'line 1', problem: 'nothing' }],
    });
  });

  it('needs its own scope and a strict token, and is told so before it sends anything', async () => {
    const refusal = async (token: string): Promise<object | undefined> => {
      const answer = await BulkUpload.to({ url: world.client.url, token }).answer;
      return { status: answer?.status, reason: answer?.error.reason };
    };
    const unscoped = await world.service.client(world.account);
    expect(await refusal(unscoped.token)).toEqual({ status: 401, reason: 'SCOPE_MISSING' });
    const until = new Date(Date.now() + 86_400_000);
    const compatible = await world.service.client(world.account, {
      scopes: bulkScopes,
      tokenPolicy: 'compatible',
      tokenPolicyUntil: until,
    });
    const documented = signedToken(compatible.clientSecret, { sub: 'x', appId: compatible.clientId });
    expect(await refusal(documented)).toEqual({ status: 401, reason: 'TOKEN_POLICY' });
    expect(await refusal('nonsense')).toEqual({ status: 401, reason: 'INVALID_TOKEN' });
  });

  it('spends a one-time token exactly when it is accepted', async () => {
    const { clientId, clientSecret, url } = world.client;
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

  it('makes one request of a one-time token, also when two come at once', async () => {
    const { clientId, clientSecret, url } = world.client;
    const iat = Math.floor(Date.now() / 1_000);
    const token = signedToken(clientSecret, { appId: clientId, iat, exp: iat + 600, jti: 'bulk-2' });
    const uploads = [BulkUpload.to({ url, token }), BulkUpload.to({ url, token })];
    const reference = 'twice';
    for (const upload of uploads) await upload.send({ ...everywhere, reference }, ...entries(5_000));
    await until(async () => {
      const [row] = await world.db.run<{ begun: number }>(
        `SELECT count(*)::int AS begun FROM expunge.erasure_requests WHERE status = 'uploading'`,
      );
      return row?.begun === 2 ? true : null;
    });
    const before = await world.shown();
    const statuses = await Promise.all(uploads.map(async (upload) => (await upload.end())?.status));
    expect(statuses.toSorted()).toEqual([200, 401]);
    expect(await world.shown()).toBe(before + 1);
  }, 60_000);

  it('that is sent again under its Idempotency-Key gets the first answer, and leaves nothing of its own', async () => {
    const attempt = async (lines: readonly unknown[], spaces = ''): Promise<object | undefined> => {
      const upload = BulkUpload.to(world.client, { 'idempotency-key': 'bulk-jane@example.com' });
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
    await world.nothingHidden();
  }, 60_000);

  it.each([
    ['an entry was taken out of it', 0, 2],
    ['it was cut short', 1, 1],
  ])('erases nobody when %s by hand', async (_, position, total) => {
    const users = [await world.platform.user(world.account), await world.platform.user(world.account)];
    const upload = BulkUpload.to(world.client);
    const notBefore = new Date(Date.now() + 86_400_000).toISOString();
    await upload.send({ ...everywhere, notBefore }, ...users);
    const id = (await upload.end())?.requestId ?? '';
    await world.db.run('DELETE FROM expunge.erasure_subjects WHERE request_id = $1 AND position = $2', [
      id,
      position,
    ]);
    await world.db.run(
      'UPDATE expunge.erasure_requests SET not_before = clock_timestamp(), total = $2 WHERE id = $1',
      [id, total],
    );
    const status = await world.client.settled(id);
    expect(status.response).toMatchObject([{ status: 'FAILED', reason: 'INTEGRITY' }]);
    expect(await world.platform.count('users', 'id = ANY ($1)', [users])).toBe(2);
  });
});
