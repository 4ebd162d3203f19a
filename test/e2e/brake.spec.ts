import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { PAUSE } from '../../src/auth/scopes.js';
import { EventLog } from '../../src/common/logging/event-log.js';
import { atFaultPoint } from '../support/at-fault-point.js';
import { eventually } from '../support/eventually.js';
import { LifecycleWorld, statusesOf } from '../support/lifecycle-world.js';
import { type TestClient, TestService } from '../support/service.js';
import { send, UNKNOWN_REQUEST, type WireAnswer } from '../support/wire.js';

const allBots = { RemoveDataFromAllBots: true };
const reason = 'jane@example.com asked us to wait';

describe('the brake', () => {
  let world: LifecycleWorld;
  let client: TestClient;
  let admin: TestClient;
  let other: TestClient;

  beforeAll(async () => {
    world = await LifecycleWorld.open({ rateLimitPerMinute: 100_000, workerConcurrency: 1 });
    ({ client } = world);
    admin = await world.api.client(world.account, { scopes: [PAUSE] });
    other = await world.api.client(await world.platform.account());
  });

  afterEach(async () => {
    await world.rest();
    await world.db.run('DELETE FROM expunge.pauses');
  });
  afterAll(() => world.close());

  const pause = (body: object = {}, by = admin): Promise<WireAnswer> =>
    send(by, { path: '/api/admin/pause', body: { reason, ...body } });
  const resume = (body: object = {}, by = admin): Promise<WireAnswer> =>
    send(by, { path: '/api/admin/resume', body });

  /** Work of another account goes through: whoever could have worked for ours has looked. */
  async function othersAreServed(): Promise<void> {
    for (let n = 0; n < 2; n += 1)
      await other.settled(await other.erase({ userIds: ['nobody'], ...allBots }));
  }

  it('lets an account rest, which goes on being served at the door, and go on', async () => {
    const jane = await world.person();
    const paused = await pause();
    expect(paused.status).toBe(200);
    const since = expect.stringMatching(/^\d{4}-.*Z$/);
    expect(paused.json).toEqual({ accountId: world.account, paused: { since, by: admin.clientId } });
    const requestId = await client.erase({ userIds: [jane], ...allBots });
    await world.work();
    await othersAreServed();
    const resting = await client.status(requestId);
    expect(resting.headers.get('retry-after')).toBe('2');
    expect(resting.body).toMatchObject({
      status: 'in-progress',
      paused: paused.json['paused'],
      counts: { PENDING: 1 },
    });
    expect(await world.messagesOf(jane)).toBe(2);
    expect((await resume()).json).toEqual({ accountId: world.account, paused: null });
    const report = await client.settled(requestId);
    expect(report).toMatchObject({ status: 'completed' });
    expect(report).not.toHaveProperty('paused');
    expect(await world.messagesOf(jane)).toBe(0);
  });

  it('holds within one chunk, and gives the batch back without counting an attempt', async () => {
    const jane = await world.person();
    for (let n = 0; n < 40; n += 1) await world.platform.conversation(jane, null);
    const requestId = await client.erase({ userIds: [jane], ...allBots });
    const left = atFaultPoint('erase-chunk:after-commit', async () => {
      await pause({ requestId });
      return rowsOf(jane);
    });
    await world.work({ chunkRows: 10 });
    const atThePause = await left;
    expect(atThePause).toBeGreaterThan(100);
    await othersAreServed();
    expect(await rowsOf(jane)).toBe(atThePause);
    const batches = await world.db.run(
      'SELECT state, attempts, worker, last_code FROM expunge.erasure_batches WHERE request_id = $1',
      [requestId],
    );
    expect(batches).toEqual([{ state: 'WAITING', attempts: 0, worker: null, last_code: null }]);
    expect((await client.status(requestId)).body).toMatchObject({
      status: 'in-progress',
      counts: { IN_PROGRESS: 1 },
      paused: { by: admin.clientId },
    });
    await resume({ requestId });
    expect((await client.settled(requestId)).status).toBe('completed');
    expect(await rowsOf(jane)).toBe(0);
  });

  it('lets planning rest as well', async () => {
    const requestId = await client.erase({ userIds: [await world.person(), 'nobody'], ...allBots });
    const paused = atFaultPoint('judge-page:after-commit', () => pause({ requestId }));
    await world.work();
    await paused;
    await othersAreServed();
    expect((await client.status(requestId)).body.counts).toEqual({ PENDING: 2 });
    expect(
      await world.db.run('SELECT FROM expunge.erasure_persons WHERE request_id = $1', [requestId]),
    ).toEqual([]);
    const [row] = await world.db.run('SELECT attempts, worker FROM expunge.erasure_requests WHERE id = $1', [
      requestId,
    ]);
    expect(row).toEqual({ attempts: 0, worker: null });
    await resume({ requestId });
    expect((await client.settled(requestId)).status).toBe('completed');
  });

  it('lets what is through be told', async () => {
    const requestId = await client.erase({ userIds: [await world.person()], ...allBots });
    const paused = atFaultPoint('erase-directory:after-commit', () => pause({ requestId }));
    await world.work({ chunkMs: 0 });
    await paused;
    expect((await client.settled(requestId)).status).toBe('completed');
  });

  it('of one request leaves the others of its account alone', async () => {
    const [held, free] = [
      await client.erase({ userIds: [await world.person()], ...allBots }),
      await client.erase({ userIds: [await world.person()], ...allBots }),
    ];
    expect((await pause({ requestId: held })).json).toMatchObject({
      requestId: held,
      paused: { by: admin.clientId },
    });
    await world.work();
    expect((await client.settled(free)).status).toBe('completed');
    expect((await client.status(free)).body).not.toHaveProperty('paused');
    expect((await client.status(held)).body).toMatchObject({ status: 'in-progress', paused: {} });
    await resume({ requestId: held });
    await client.settled(held);
  });

  it('also keeps what a dead worker left from being taken over', async () => {
    const requestId = await client.erase({ userIds: [await world.person()], ...allBots });
    const dead = atFaultPoint('claim-batch:after-commit', () => pause({ requestId }));
    await world.work();
    await dead;
    await othersAreServed();
    await world.db.run(
      `UPDATE expunge.erasure_batches SET state = 'RUNNING', worker = 'dead', lease_until = clock_timestamp() - interval '1 hour'
       WHERE request_id = $1`,
      [requestId],
    );
    await othersAreServed();
    const [row] = await world.db.run<{ worker: string }>(
      'SELECT worker FROM expunge.erasure_batches WHERE request_id = $1',
      [requestId],
    );
    expect(row?.worker).toBe('dead');
    await resume({ requestId });
    expect((await client.settled(requestId)).status).toBe('completed');
  });

  it('leaves the first pause as it is, and ends the one that is named and no other', async () => {
    const requestId = await client.erase({ userIds: ['nobody'], ...allBots });
    const colleague = await world.api.client(world.account, { scopes: [PAUSE] });
    const first = await pause();
    expect((await pause({ reason: 'me too' }, colleague)).json).toEqual(first.json);
    await pause({ requestId }, colleague);
    expect((await resume({ requestId }, colleague)).json).toEqual({
      requestId,
      paused: first.json['paused'],
    });
    expect((await client.status(requestId)).body.paused).toEqual(first.json['paused']);
    expect((await resume({ accountId: world.account }, colleague)).json['paused']).toBeNull();
    expect((await resume()).status).toBe(200);
  });

  it('does not keep anyone from cancelling', async () => {
    await pause();
    const requestId = await client.erase({ userIds: ['nobody'], ...allBots });
    expect((await world.call(requestId, 'cancel')).json).toMatchObject({ status: 'cancelled', cancelled: 1 });
    expect(statusesOf((await client.status(requestId)).body)).toEqual(['CANCELLED']);
    expect(await pause({ requestId })).toMatchObject({ status: 409, error: { reason: 'ALREADY_SETTLED' } });
  });

  it('is in the hands of each account alone', async () => {
    const theirs = await other.erase({ userIds: ['nobody'], ...allBots });
    const foreignAccount = (
      await world.db.run<{ account_id: string }>(
        'SELECT account_id FROM expunge.erasure_requests WHERE id = $1',
        [theirs],
      )
    )[0]?.account_id;
    const answers = [
      await pause({ requestId: theirs }),
      await pause({ requestId: UNKNOWN_REQUEST }),
      await pause({ accountId: foreignAccount }),
      await pause({ accountId: 'nobody' }),
      await resume({ requestId: theirs }),
      await resume({ accountId: foreignAccount }),
    ];
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(404));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await world.db.run('SELECT FROM expunge.pauses')).toEqual([]);
    expect(await pause({}, client)).toMatchObject({ status: 401, error: { reason: 'SCOPE_MISSING' } });
    expect(await resume({}, client)).toMatchObject({ status: 401, error: { reason: 'SCOPE_MISSING' } });
  });

  it.each([
    [{ all: true }, 'body'],
    [{ accountId: 'a', requestId: 'b' }, 'requestId'],
    [{ reason: undefined }, 'reason'],
    [{ reason: ' ' }, 'reason'],
    [{ reason: 'x'.repeat(501) }, 'reason'],
    [{ reason: 7 }, 'reason'],
    [{ requestId: 7 }, 'requestId'],
    [{ accountId: '' }, 'accountId'],
  ])('refuses to be pulled by %j', async (body, field) => {
    const answer = await pause(body);
    expect(answer).toMatchObject({ status: 412, error: { reason: 'INVALID_FIELDS', details: [{ field }] } });
    expect(answer.text).not.toContain('jane');
    expect(await world.db.run('SELECT FROM expunge.pauses')).toEqual([]);
  });

  it('keeps its reason to itself', async () => {
    const lines: string[] = [];
    const log = new EventLog('debug', { write: (line) => void lines.push(line) });
    const api = await TestService.start(world.api.databaseUrl, { ...world.api.settings }, log);
    const local = await api.client(world.account, { scopes: [PAUSE] });
    const answer = await pause({}, local);
    await resume({}, local);
    await pause({}, local);
    await api.stop();
    const rows = await world.db.run<{ row: string }>('SELECT to_jsonb(p)::text AS row FROM expunge.pauses p');
    expect(rows).toHaveLength(1);
    const everything = [
      ...lines,
      answer.text,
      rows[0]?.row,
      JSON.stringify(await client.status(UNKNOWN_REQUEST)),
    ].join();
    for (const word of ['jane', Buffer.from('jane').toString('hex')]) expect(everything).not.toContain(word);
    expect(lines.join()).toContain('"event":"brake.paused"');
    expect(lines.join()).toContain('"event":"brake.resumed"');
  });

  it('is not held up by the limits of rate', async () => {
    const strict = await LifecycleWorld.open({ rateLimitPerMinute: 1 });
    const hand = await strict.api.client(strict.account, { scopes: [PAUSE] });
    for (let n = 0; n < 4; n += 1)
      expect([(await pause({}, hand)).status, (await resume({}, hand)).status]).toEqual([200, 200]);
    expect((await strict.client.send({ userIds: ['nobody'], ...allBots })).status).toBe(200);
    await strict.close();
  });

  async function rowsOf(user: string): Promise<number> {
    let rows = 0;
    for (const table of [
      'messages',
      'sessions',
      'feedback',
      'oauth_tokens',
      'alert_subscriptions',
      'agent_transfers',
    ])
      rows += await world.platform.count(table, 'user_id = $1', [user]);
    return rows;
  }

  it('holds everybody when an operator pulls it, until they let go', async () => {
    await world.db.run(
      `INSERT INTO expunge.pauses (reason, paused_by, paused_on) VALUES ('', 'operator', clock_timestamp())`,
    );
    const [ours, theirs] = [
      await client.erase({ userIds: ['nobody'], ...allBots }),
      await other.erase({ userIds: ['nobody'], ...allBots }),
    ];
    await world.work();
    // An app's hand does not reach it.
    expect((await resume()).json).toMatchObject({ paused: { by: 'operator' } });
    const signs = async (): Promise<number> =>
      (await world.db.run(`SELECT FROM expunge.workers WHERE seen_on > clock_timestamp() - interval '5 s'`))
        .length;
    await eventually('a worker looks for work', async () => (await signs()) > 0);
    for (const [whose, id] of [
      [client, ours],
      [other, theirs],
    ] as const)
      expect((await whose.status(id)).body).toMatchObject({
        status: 'in-progress',
        counts: { PENDING: 1 },
        paused: { by: 'operator' },
      });
    await world.db.run('DELETE FROM expunge.pauses');
    await client.settled(ours);
    await other.settled(theirs);
  });
});
