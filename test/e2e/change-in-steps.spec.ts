import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { watchFaultPoints } from '../../src/config/fault-points.js';
import { DatabaseFault } from '../../src/database/database-fault.js';
import { atFaultPoint } from '../support/at-fault-point.js';
import { eventually } from '../support/eventually.js';
import { LifecycleWorld, statusesOf } from '../support/lifecycle-world.js';
import { type TestClient } from '../support/service.js';
import { type WireAnswer } from '../support/wire.js';

const allBots = { RemoveDataFromAllBots: true };
const PEOPLE = 5;

/** A request of more entries than one step changes. */
describe('a request that is changed in steps', () => {
  let world: LifecycleWorld;
  let client: TestClient;

  beforeAll(async () => {
    world = await LifecycleWorld.open({
      rateLimitPerMinute: 100_000,
      planPageEntries: 2,
      batchPersons: 1,
      workerConcurrency: 1,
    });
    ({ client } = world);
  });

  afterEach(() => world.rest());
  afterAll(() => world.close());

  const change = (requestId: string, what: 'cancel' | 'retry'): Promise<WireAnswer> =>
    world.call(requestId, what);

  /** A worker that takes whatever may be taken before a later request's person; its sweep does not come to help. */
  async function workOnce(): Promise<void> {
    const other = await client.erase({ userIds: [await world.person()], ...allBots });
    await world.work({ sweepSeconds: 60 });
    await client.settled(other);
    await world.rest();
  }

  /** The process that steps loses its connection in its first step after the decision. */
  function loseTheRest(): void {
    watchFaultPoints((at) => {
      if (at !== 'change-step:before-commit') return Promise.resolve();
      watchFaultPoints(null);
      return Promise.reject(Object.assign(new Error('lost'), { code: 'ECONNRESET' }));
    });
  }

  async function waiting(people: readonly string[], isPlanned: boolean): Promise<string> {
    const requestId = await client.erase({ userIds: people, ...allBots });
    if (!isPlanned) return requestId;
    const held = atFaultPoint('finish-planning:after-commit', () => due('1 day'));
    await world.work();
    await held;
    await world.rest();
    await due('-1 second');
    return requestId;
    function due(when: string): Promise<unknown> {
      return world.db.run(
        `UPDATE expunge.erasure_batches SET not_before = clock_timestamp() + $2::interval WHERE request_id = $1`,
        [requestId, when],
      );
    }
  }

  async function staff(): Promise<string[]> {
    const people = await world.people(PEOPLE);
    for (const user of people) await world.platform.accountRole(world.account, user, 'member');
    return people;
  }

  async function ended(requestId: string): Promise<void> {
    await world.work();
    await client.settled(requestId);
    await world.rest();
  }

  /** Everybody was protected, and is no more. */
  async function protectedOnce(): Promise<{ people: string[]; requestId: string }> {
    const people = await staff();
    const requestId = await client.erase({ userIds: [...people, people[0]], ...allBots });
    await ended(requestId);
    await world.db.run('DELETE FROM platform.account_members WHERE user_id = ANY ($1)', [people]);
    return { people, requestId };
  }

  async function expectNobodyErased(people: readonly string[], requestId: string): Promise<void> {
    const report = (await client.status(requestId)).body;
    expect(report).toMatchObject({ status: 'cancelled', counts: { CANCELLED: report.progress.total } });
    for (const user of people) expect(await world.messagesOf(user)).toBe(2);
    const persons = await world.db.run<{ status: string }>(
      `SELECT status FROM expunge.erasure_persons WHERE request_id = $1 AND status <> 'CANCELLED'`,
      [requestId],
    );
    expect(persons).toEqual([]);
    expect(await world.openBatches(requestId)).toBe(0);
  }

  async function changing(requestId: string): Promise<string | null> {
    const [row] = await world.db.run<{ changing: string | null }>(
      'SELECT changing FROM expunge.erasure_requests WHERE id = $1',
      [requestId],
    );
    return row?.changing ?? null;
  }

  async function interventions(requestId: string): Promise<unknown> {
    return world.db.run(
      'SELECT kind, entries FROM expunge.erasure_interventions WHERE request_id = $1 ORDER BY id',
      [requestId],
    );
  }

  describe.each([
    ['before it is planned', false],
    ['while its batches wait', true],
  ])('cancelled %s', (_when, isPlanned) => {
    it('begins nothing more from the decision on', async () => {
      const people = await world.people(PEOPLE);
      const requestId = await waiting(people, isPlanned);
      const amid = atFaultPoint('cancel:after-commit', async () => {
        expect((await client.status(requestId)).body.counts).toEqual({ CANCELLED: 2, PENDING: 3 });
        await workOnce();
        expect((await client.status(requestId)).body.counts).toEqual({ CANCELLED: 2, PENDING: 3 });
      });
      const answer = await change(requestId, 'cancel');
      await amid;
      expect(answer).toMatchObject({ status: 200, json: { cancelled: PEOPLE, status: 'cancelled' } });
      await workOnce();
      await expectNobodyErased(people, requestId);
    });

    it('is cancelled by workers to its end when whoever was asked dies', async () => {
      const people = await world.people(PEOPLE);
      const requestId = await waiting(people, isPlanned);
      loseTheRest();
      expect((await change(requestId, 'cancel')).status).toBe(503);
      expect((await client.status(requestId)).body.status).toBe('in-progress');
      await world.work();
      await client.settled(requestId);
      await expectNobodyErased(people, requestId);
      expect(await interventions(requestId)).toEqual([{ kind: 'CANCEL', entries: PEOPLE }]);
    });
  });

  it('is cancelled to its end, no entry left out, where a step has to give way to somebody', async () => {
    const people = await world.people(PEOPLE);
    const requestId = await waiting(people, true);
    watchFaultPoints((at) => {
      if (at !== 'change-step:before-commit') return Promise.resolve();
      watchFaultPoints(null);
      return Promise.reject(new DatabaseFault('55P03'));
    });
    expect(await change(requestId, 'cancel')).toMatchObject({ status: 200, json: { cancelled: PEOPLE } });
    await expectNobodyErased(people, requestId);
  });

  it('is cancelled by whoever asks again', async () => {
    const people = await world.people(PEOPLE);
    const requestId = await waiting(people, true);
    loseTheRest();
    expect((await change(requestId, 'cancel')).status).toBe(503);
    expect(await change(requestId, 'cancel')).toMatchObject({
      status: 409,
      error: { reason: 'ALREADY_SETTLED' },
    });
    await expectNobodyErased(people, requestId);
  });

  it('asked for many times at once is cancelled once', async () => {
    const requestId = await waiting(await world.people(PEOPLE), true);
    const answers = await Promise.all(Array.from({ length: 4 }, () => change(requestId, 'cancel')));
    expect(answers.map(({ status, json }) => [status, json['cancelled']]).sort()).toEqual([
      [200, PEOPLE],
      ...Array<unknown>(3).fill([409, undefined]),
    ]);
  });

  it('finishes what has begun, and tells what is not covered', async () => {
    const people = await world.people(PEOPLE);
    const requestId = await client.erase({ userIds: people, ...allBots });
    const cancelled = atFaultPoint('erase-chunk:after-commit', () => change(requestId, 'cancel'));
    await world.work({ chunkMs: 0 });
    expect(await cancelled).toMatchObject({
      status: 200,
      json: { cancelled: 4, counts: { IN_PROGRESS: 1, CANCELLED: 4 } },
    });
    const report = await client.settled(requestId);
    expect(statusesOf(report)).toEqual(['SUCCESS', ...Array<string>(4).fill('CANCELLED')]);
    expect(report.notCovered.length).toBeGreaterThan(0);
  });

  it('is through with its last entry, whether or not a step was just full', async () => {
    const requestId = await waiting(await world.people(2), false);
    expect((await change(requestId, 'cancel')).json).toMatchObject({ status: 'cancelled', cancelled: 2 });
    expect(await changing(requestId)).toBeNull();
  });

  it('is opened no further where one who knows nothing of steps has settled it', async () => {
    const { people, requestId } = await protectedOnce();
    await world.db.run(`UPDATE expunge.erasure_requests SET changing = 'RETRY' WHERE id = $1`, [requestId]);
    await world.work();
    await eventually('nothing is left to change', async () => (await changing(requestId)) === null);
    expect((await client.status(requestId)).body.counts).toEqual({ PROTECTED: people.length + 1 });
  });

  it('is retried as a whole: nobody plans it before all entries are open', async () => {
    const { people, requestId } = await protectedOnce();
    const amid = atFaultPoint('retry:after-commit', async () => {
      await workOnce();
      expect((await client.status(requestId)).body.counts).toEqual({ PENDING: 2, PROTECTED: 4 });
    });
    const answer = await change(requestId, 'retry');
    await amid;
    expect(answer.json).toMatchObject({ status: 'in-progress', round: 2, retried: PEOPLE + 1 });
    await world.work();
    const report = await client.settled(requestId);
    expect(report).toMatchObject({ status: 'completed', round: 2, counts: { SUCCESS: PEOPLE + 1 } });
    for (const { attempts } of report.response)
      expect(attempts).toMatchObject([{ round: 1, status: 'PROTECTED', reason: 'ACCOUNT_MEMBER' }]);
    for (const user of people) expect(await world.messagesOf(user)).toBe(0);
  });

  it('is opened by workers to its end when whoever was asked to retry it dies', async () => {
    const { requestId } = await protectedOnce();
    loseTheRest();
    expect((await change(requestId, 'retry')).status).toBe(503);
    expect(await change(requestId, 'retry')).toMatchObject({
      status: 409,
      error: { reason: 'STILL_IN_PROGRESS' },
    });
    await world.work();
    const report = await client.settled(requestId);
    expect(report).toMatchObject({ round: 2, counts: { SUCCESS: PEOPLE + 1 } });
    expect(report.response.map(({ attempts }) => attempts?.length)).toEqual(
      Array<number>(PEOPLE + 1).fill(1),
    );
  });

  it('is retried whole although one who was slow to retry it comes back in a later retry', async () => {
    const people = await staff();
    const requestId = await client.erase({ userIds: people, ...allBots });
    await ended(requestId);
    const amid = atFaultPoint('change-step:after-commit', async () => {
      await ended(requestId);
      loseTheRest();
      expect((await change(requestId, 'retry')).status).toBe(503);
    });
    await change(requestId, 'retry');
    await amid;
    await ended(requestId);
    const { response } = (await client.status(requestId)).body;
    expect(response.map(({ attempts }) => attempts?.map(({ round }) => round))).toEqual(
      Array<number[]>(PEOPLE).fill([1, 2]),
    );
  });

  it('is cancelled whole amid a retry that has not reached all', async () => {
    const { people, requestId } = await protectedOnce();
    let cancelled: WireAnswer | undefined;
    const amid = atFaultPoint('retry:after-commit', async () => {
      cancelled = await change(requestId, 'cancel');
    });
    expect((await change(requestId, 'retry')).status).toBe(200);
    await amid;
    expect(cancelled).toMatchObject({ status: 200, json: { cancelled: PEOPLE + 1, status: 'cancelled' } });
    await workOnce();
    await expectNobodyErased(people, requestId);
    expect(await interventions(requestId)).toEqual([
      { kind: 'RETRY', entries: PEOPLE + 1 },
      { kind: 'CANCEL', entries: PEOPLE + 1 },
    ]);
  });
});
