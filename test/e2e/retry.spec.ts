import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { workCounters } from '../../src/common/metrics/work-counters.js';
import { atFaultPoint } from '../support/at-fault-point.js';
import { eventually } from '../support/eventually.js';
import { LifecycleWorld, statusesOf } from '../support/lifecycle-world.js';
import { difference } from '../support/platform.js';
import { type TestClient } from '../support/service.js';
import { UNKNOWN_REQUEST, type WireAnswer } from '../support/wire.js';

const allBots = { RemoveDataFromAllBots: true };
const ISO = expect.stringMatching(/^\d{4}-.*Z$/);

describe('trying a request again', () => {
  let world: LifecycleWorld;
  let client: TestClient;

  beforeAll(async () => {
    // A slow machine would cut the work by time, and somebody who fails would be erased in part.
    world = await LifecycleWorld.open({ rateLimitPerMinute: 100_000, chunkMs: 1_500 });
    ({ client } = world);
    await world.work();
  });

  afterEach(() => world.rest().then(() => world.work()));
  afterAll(() => world.close());

  const retry = (requestId: string, by = client, body?: unknown): Promise<WireAnswer> =>
    world.call(requestId, 'retry', by, body);

  async function settled(userIds: readonly unknown[]): Promise<string> {
    const requestId = await client.erase({ userIds, ...allBots });
    await client.settled(requestId);
    return requestId;
  }

  async function member(): Promise<string> {
    const user = await world.person();
    await world.platform.accountRole(world.account, user, 'member');
    return user;
  }

  const dismiss = (user: string): Promise<unknown> =>
    world.db.run('DELETE FROM platform.account_members WHERE user_id = $1', [user]);

  it('judges those anew who were protected, failed or ambiguous, and nobody else', async () => {
    const [gone, staff, stuck] = [await world.person(), await member(), await world.person()];
    const twins = [
      await world.platform.user(world.account, { identities: ['sms|+1555'] }),
      await world.platform.user(world.account, { identities: ['web|+1555'] }),
    ];
    await world.db.run(
      `CREATE FUNCTION public.stuck() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         IF OLD.user_id = '${stuck}' THEN RAISE EXCEPTION 'stuck'; END IF; RETURN OLD; END $$`,
    );
    await world.db.run(
      'CREATE TRIGGER stuck BEFORE DELETE ON platform.oauth_tokens FOR EACH ROW EXECUTE FUNCTION public.stuck()',
    );
    const requestId = await client.erase({
      userIds: [gone, staff, stuck, '+1555', 'nobody', staff],
      ...allBots,
    });
    const before = await client.settled(requestId);
    expect(statusesOf(before)).toEqual([
      'SUCCESS',
      'PROTECTED',
      'FAILED',
      'AMBIGUOUS',
      'NOT_FOUND',
      'PROTECTED',
    ]);
    await world.db.run('DROP FUNCTION public.stuck CASCADE');
    await dismiss(staff);
    await world.db.run(`DELETE FROM platform.user_identities WHERE user_id = $1`, [twins[1]]);

    const opened = await retry(requestId);
    expect(opened.status).toBe(200);
    expect(opened.json).toEqual({ requestId, status: 'in-progress', round: 2, retried: 4 });
    const after = await client.settled(requestId);
    expect(after).toMatchObject({
      round: 2,
      status: 'completed',
      dueOn: before.dueOn,
      receivedOn: before.receivedOn,
    });
    expect(statusesOf(after)).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS', 'SUCCESS', 'NOT_FOUND', 'SUCCESS']);
    const { userId, erased, erasedOn } = before.response[0] ?? {};
    expect(after.response[0]).toMatchObject({ userId, erased, erasedOn });
    expect(after.response.map(({ attempts }) => attempts)).toEqual([
      undefined,
      [{ round: 1, status: 'PROTECTED', reason: 'ACCOUNT_MEMBER', endedOn: ISO }],
      [{ round: 1, status: 'FAILED', reason: 'STORE_REFUSED', endedOn: ISO }],
      [{ round: 1, status: 'AMBIGUOUS', reason: 'MATCHES_SEVERAL_USERS', endedOn: ISO }],
      undefined,
      [{ round: 1, status: 'PROTECTED', reason: 'ACCOUNT_MEMBER', endedOn: ISO }],
    ]);
    expect(after.response[3]).toMatchObject({ matchedBy: ['channelUserId'] });
    expect(await world.platform.count('users', 'id = ANY ($1)', [[gone, staff, stuck, twins[0]]])).toBe(0);
    expect(await world.platform.count('users', 'id = $1', [twins[1]])).toBe(1);
    expect(await world.openBatches(requestId)).toBe(0);
    expect(await retry(requestId)).toMatchObject({ status: 409, error: { reason: 'NOTHING_TO_RETRY' } });
  });

  it('adds up what was erased over the rounds', async () => {
    const staff = await world.person();
    const whole = await rowsLeftOf(staff);
    const requestId = await client.erase({ userIds: [staff], ...allBots });
    await world.rest();
    const promoted = atFaultPoint('erase-chunk:after-commit', () =>
      world.platform.accountRole(world.account, staff, 'member'),
    );
    await world.work({ chunkRows: 2 });
    await promoted;
    const first = await client.settled(requestId);
    expect(first.response[0]).toMatchObject({ status: 'PROTECTED', partlyErased: true });
    await dismiss(staff);
    await retry(requestId);
    const second = await client.settled(requestId);
    expect(second.response[0]).toMatchObject({
      status: 'SUCCESS',
      attempts: [{ round: 1, status: 'PROTECTED', partlyErased: true }],
    });
    expect(second.response[0]).not.toHaveProperty('partlyErased');
    const sum = Object.values(second.erased).reduce((a, b) => a + b, 0);
    expect(sum).toBe(whole);
  });

  it('finds by the stored keys who has left the directory meanwhile', async () => {
    const staff = await member();
    await world.platform.identity(staff, 'sms|+1777');
    await world.platform.anonymousTrace('sms|+1777', world.bot);
    const requestId = await settled([staff]);
    await dismiss(staff);
    for (const table of ['user_identities', 'users'])
      await world.db.run(`DELETE FROM platform.${table} WHERE ${table === 'users' ? 'id' : 'user_id'} = $1`, [
        staff,
      ]);
    await retry(requestId);
    expect((await client.settled(requestId)).counts).toEqual({ SUCCESS: 1 });
    expect(await world.messagesOf(staff)).toBe(0);
    expect(await world.platform.count('debug_logs', `identity = 'sms/+1777'`)).toBe(0);
  });

  it('appends an attempt for each round, however often nothing has changed', async () => {
    const requestId = await settled([await member()]);
    const before = await world.platform.snapshot();
    for (const round of [2, 3, 4]) {
      expect((await retry(requestId)).json).toMatchObject({ round, retried: 1 });
      const report = await client.settled(requestId);
      expect(report).toMatchObject({ round, status: 'failed', counts: { PROTECTED: 1 } });
      expect(report.response[0]?.attempts?.map(({ round: former, status }) => [former, status])).toEqual(
        Array.from({ length: round - 1 }, (_, index) => [index + 1, 'PROTECTED']),
      );
    }
    expect(difference(before, await world.platform.snapshot())).toEqual({});
    const kept = await world.db.run(
      `SELECT kind, round, entries, done_by FROM expunge.erasure_interventions WHERE request_id = $1 ORDER BY id`,
      [requestId],
    );
    expect(kept).toEqual(
      [2, 3, 4].map((round) => ({ kind: 'RETRY', round, entries: 1, done_by: client.clientId })),
    );
  });

  it('leaves an ambiguous entry ambiguous that still is, and one that now means a person of before with them', async () => {
    const jane = await world.platform.user(world.account, {
      email: 'jane@x.test',
      identities: ['sms|+1888'],
    });
    const joe = await world.platform.user(world.account, { identities: ['web|+1888', 'sms|+1999'] });
    await world.platform.user(world.account, { identities: ['web|+1999'] });
    const requestId = await settled(['+1888', '+1999', 'jane@x.test']);
    // Jane was erased; the number is Joe's alone by now.
    expect(statusesOf((await client.status(requestId)).body)).toEqual(['AMBIGUOUS', 'AMBIGUOUS', 'SUCCESS']);
    await retry(requestId);
    const report = await client.settled(requestId);
    expect(statusesOf(report)).toEqual(['SUCCESS', 'AMBIGUOUS', 'SUCCESS']);
    expect(await world.platform.count('users', 'id = ANY ($1)', [[jane, joe]])).toBe(0);
  });

  it('erases nobody of a request that was altered', async () => {
    const staff = await member();
    const requestId = await settled([staff]);
    await dismiss(staff);
    await world.db.run(`UPDATE expunge.erasure_requests SET client_id = 'cs-x' WHERE id = $1`, [requestId]);
    const before = await world.platform.snapshot();
    await retry(requestId);
    const report = await client.settled(requestId);
    expect(report.response[0]).toMatchObject({ status: 'FAILED', reason: 'INTEGRITY' });
    expect(difference(before, await world.platform.snapshot())).toEqual({});
  });

  it('sent many times at once opens one round', async () => {
    await world.rest();
    const staff = await member();
    await world.work();
    const requestId = await settled([staff]);
    await world.rest();
    const answers = await Promise.all(Array.from({ length: 5 }, () => retry(requestId)));
    const told = answers.map(({ status, error }) => [status, error.reason]).sort();
    expect(told).toEqual([[200, undefined], ...Array<unknown>(4).fill([409, 'STILL_IN_PROGRESS'])]);
    expect((await client.status(requestId)).body).toMatchObject({ round: 2, status: 'in-progress' });
  });

  it('waits for whoever holds the row of the request', async () => {
    const requestId = await settled([await member()]);
    const holder = world.db.dataSource.createQueryRunner();
    await holder.startTransaction();
    await holder.query('SELECT FROM expunge.erasure_requests WHERE id = $1 FOR UPDATE', [requestId]);
    const failures = async (): Promise<number> =>
      (await workCounters.retries.get()).values.find(({ labels }) => labels.work === 'transaction')?.value ??
      0;
    const before = await failures();
    const answer = retry(requestId);
    await eventually('it was tried again twice', async () => (await failures()) >= before + 2);
    await holder.rollbackTransaction();
    await holder.release();
    expect(await answer).toMatchObject({ status: 200, json: { round: 2 } });
  });

  it('can be cancelled again before anything of the round begins', async () => {
    const staff = await member();
    const requestId = await settled([staff, 'nobody']);
    await world.rest();
    await dismiss(staff);
    await retry(requestId);
    expect((await world.call(requestId, 'cancel')).json).toMatchObject({ cancelled: 1, status: 'partial' });
    await world.work();
    expect(await world.messagesOf(staff)).toBe(2);
    expect(await retry(requestId)).toMatchObject({ status: 409, error: { reason: 'NOTHING_TO_RETRY' } });
  });

  it('is a conflict while the request is in progress, or when nobody is left to be tried', async () => {
    const waiting = await client.erase({
      userIds: ['nobody'],
      ...allBots,
      notBefore: new Date(Date.now() + 86_400_000).toISOString(),
    });
    expect(await retry(waiting)).toMatchObject({
      status: 409,
      error: { code: 409, reason: 'STILL_IN_PROGRESS' },
    });
    const done = await settled(['nobody', await world.person()]);
    expect(await retry(done)).toMatchObject({
      status: 409,
      error: { code: 409, reason: 'NOTHING_TO_RETRY' },
    });
    await world.call(waiting, 'cancel');
    expect(await retry(waiting)).toMatchObject({ status: 409, error: { reason: 'NOTHING_TO_RETRY' } });
    expect((await client.status(done)).body.round).toBe(1);
  });

  it('is for those who may erase in its account alone, needs no body, and no limit of rate holds it up', async () => {
    const requestId = await settled([await member()]);
    const foreign = await world.api.client(await world.platform.account());
    const [theirs, unknown] = [await retry(requestId, foreign), await retry(UNKNOWN_REQUEST)];
    expect([theirs.status, theirs.text]).toEqual([404, unknown.text]);
    const powerless = await world.api.client(world.account, { scopes: ['Other:Scope'] });
    expect((await retry(requestId, powerless)).status).toBe(401);
    expect((await retry(requestId, client, { all: true })).status).toBe(412);
    expect((await client.status(requestId)).body.round).toBe(1);
    expect((await retry(requestId, client, {})).status).toBe(200);
  });

  it('is forgotten with its request', async () => {
    const requestId = await settled([await member()]);
    await retry(requestId);
    await client.settled(requestId);
    await world.rest();
    await world.db.run(
      `UPDATE expunge.erasure_requests SET settled_on = settled_on - interval '2 years' WHERE id = $1`,
      [requestId],
    );
    await world.work();
    const gone = async (): Promise<boolean> =>
      (await world.db.run('SELECT FROM expunge.erasure_requests WHERE id = $1', [requestId])).length === 0;
    await eventually('forgotten', gone);
    for (const table of ['erasure_attempts', 'erasure_interventions'])
      expect(await world.db.run(`SELECT FROM expunge.${table} WHERE request_id = $1`, [requestId])).toEqual(
        [],
      );
  });

  async function rowsLeftOf(user: string): Promise<number> {
    const tables = [
      ...['sessions', 'messages', 'attachments', 'feedback', 'user_context', 'oauth_tokens'],
      ...['alert_subscriptions', 'agent_transfers', 'analytics_events'],
    ];
    let rows = 1;
    for (const table of tables) rows += await world.platform.count(table, 'user_id = $1', [user]);
    return rows;
  }
});
