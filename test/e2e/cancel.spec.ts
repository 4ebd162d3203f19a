import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { atFaultPoint } from '../support/at-fault-point.js';
import { LifecycleWorld, statusesOf } from '../support/lifecycle-world.js';
import { difference } from '../support/platform.js';
import { type TestClient } from '../support/service.js';
import { UNKNOWN_REQUEST, type WireAnswer } from '../support/wire.js';

const allBots = { RemoveDataFromAllBots: true };

describe('cancelling a request', () => {
  let world: LifecycleWorld;
  let client: TestClient;

  beforeAll(async () => {
    world = await LifecycleWorld.open({ rateLimitPerMinute: 100_000, batchPersons: 1, workerConcurrency: 1 });
    ({ client } = world);
  });

  afterEach(() => world.rest());
  afterAll(() => world.close());

  const cancel = (requestId: string, by = client, body?: unknown): Promise<WireAnswer> =>
    world.call(requestId, 'cancel', by, body);

  /** Whoever was cancelled has all rows, whoever was erased has none. */
  async function expectAllOrNothing(people: readonly string[], statuses: readonly string[]): Promise<void> {
    for (const [index, user] of people.entries())
      expect([statuses[index], await world.messagesOf(user)]).toEqual(
        statuses[index] === 'CANCELLED' ? ['CANCELLED', 2] : ['SUCCESS', 0],
      );
  }

  it('before anything began is whole: nobody is erased, ever', async () => {
    const [jane, joe] = await world.people(2);
    const requestId = await client.erase({ userIds: [jane, joe, jane, 'nobody'], ...allBots });
    const before = await world.platform.snapshot();
    const { status, json } = await cancel(requestId);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      _id: requestId,
      cancelled: 4,
      status: 'cancelled',
      round: 1,
      progress: { total: 4, done: 4 },
      counts: { CANCELLED: 4 },
      erased: {},
      response: [
        { userId: jane, status: 'CANCELLED', message: expect.stringMatching(/cancelled/) },
        { userId: joe, status: 'CANCELLED' },
        { userId: jane, status: 'CANCELLED' },
        { userId: 'nobody', status: 'CANCELLED' },
      ],
    });
    const later = await client.erase({ userIds: ['nobody'], ...allBots });
    await world.work();
    await client.settled(later);
    await world.rest();
    expect((await client.status(requestId)).body.counts).toEqual({ CANCELLED: 4 });
    expect(difference(before, await world.platform.snapshot())).toEqual({});
  });

  it('reaches a request that waits for its time', async () => {
    const notBefore = new Date(Date.now() + 86_400_000).toISOString();
    const requestId = await client.erase({ userIds: [await world.person()], ...allBots, notBefore });
    await world.work();
    expect((await cancel(requestId)).json).toMatchObject({ status: 'cancelled', cancelled: 1 });
  });

  it('while it is planned stops the planning: what was judged already is erased by nobody', async () => {
    const people = await world.people(3);
    const requestId = await client.erase({ userIds: [...people, 'nobody'], ...allBots });
    const cancelled = atFaultPoint('judge-page:after-commit', () => cancel(requestId), 2);
    await world.work({ planPageEntries: 1 });
    expect(await cancelled).toMatchObject({ status: 200, json: { cancelled: 4, status: 'cancelled' } });
    await world.rest();
    await world.work();
    const later = await client.erase({ userIds: ['nobody'], ...allBots });
    await client.settled(later);
    const persons = await world.db.run<{ status: string }>(
      'SELECT status FROM expunge.erasure_persons WHERE request_id = $1',
      [requestId],
    );
    expect(persons).toEqual([{ status: 'CANCELLED' }]);
    expect(await world.openBatches(requestId)).toBe(0);
    await expectAllOrNothing(people, statusesOf((await client.status(requestId)).body));
  });

  it('while a page of the planning is stored waits for it', async () => {
    const people = await world.people(2);
    const requestId = await client.erase({ userIds: people, ...allBots });
    let answer: Promise<WireAnswer> | undefined;
    const waiting = atFaultPoint('plan-page:before-commit', async () => {
      answer = cancel(requestId);
      await world.untilBlocked('erasure_requests');
    });
    await world.work();
    await waiting;
    expect((await answer)?.json).toMatchObject({ cancelled: 2, status: 'cancelled' });
    const persons = await world.db.run(
      'SELECT DISTINCT status, batch_id FROM expunge.erasure_persons WHERE request_id = $1',
      [requestId],
    );
    expect(persons).toEqual([{ status: 'CANCELLED', batch_id: null }]);
  });

  it('keeps what planning found out before', async () => {
    const requestId = await client.erase({ userIds: ['nobody', await world.person()], ...allBots });
    const cancelled = atFaultPoint('plan-page:after-commit', () => cancel(requestId), 1);
    await world.work({ planPageEntries: 1 });
    expect((await cancelled).json).toMatchObject({
      cancelled: 1,
      status: 'partial',
      counts: { NOT_FOUND: 1, CANCELLED: 1 },
    });
    expect((await cancel(requestId)).status).toBe(409);
  });

  it('while batches are erased finishes those that began, and says which they are', async () => {
    const people = await world.people(5);
    const requestId = await client.erase({ userIds: [...people, people[1]], ...allBots });
    const cancelled = atFaultPoint('erase-chunk:after-commit', () => cancel(requestId), 1);
    await world.work({ chunkMs: 0 });
    const { status, json } = await cancelled;
    expect(status).toBe(200);
    expect(json).toMatchObject({
      cancelled: 5,
      status: 'in-progress',
      counts: { IN_PROGRESS: 1, CANCELLED: 5 },
    });
    expect(statusesOf(json)).toEqual(['IN_PROGRESS', ...Array<string>(5).fill('CANCELLED')]);
    const report = await client.settled(requestId);
    expect(report).toMatchObject({ status: 'partial', counts: { SUCCESS: 1, CANCELLED: 5 } });
    expect(report.response[5]).toMatchObject({ sameAs: 1, status: 'CANCELLED' });
    await expectAllOrNothing(people, statusesOf(report));
    expect(await world.openBatches(requestId)).toBe(0);
    expect((await cancel(requestId)).status).toBe(409);
  });

  it('at the moment of a claim waits for it: that one has begun', async () => {
    const people = await world.people(3);
    const requestId = await client.erase({ userIds: people, ...allBots });
    // The claim goes on when the cancel waits for it.
    let answer: Promise<WireAnswer> | undefined;
    const waiting = atFaultPoint('claim-batch:before-commit', async () => {
      answer = cancel(requestId);
      await world.untilBlocked('erasure_batches');
    });
    await world.work();
    await waiting;
    expect((await answer)?.json).toMatchObject({ cancelled: 2 });
    const report = await client.settled(requestId);
    expect(statusesOf(report)).toEqual(['SUCCESS', 'CANCELLED', 'CANCELLED']);
    await expectAllOrNothing(people, statusesOf(report));
  });

  it('at the moment when its last batch ends comes after it', async () => {
    const requestId = await client.erase({ userIds: await world.people(1), ...allBots });
    let answer: Promise<WireAnswer> | undefined;
    const waiting = atFaultPoint('finish-batch:before-commit', async () => {
      answer = cancel(requestId);
      await world.untilBlocked('erasure_requests');
    });
    await world.work();
    await waiting;
    expect(await answer).toMatchObject({ status: 409, error: { reason: 'ALREADY_SETTLED' } });
    expect((await client.settled(requestId)).status).toBe('completed');
  });

  it('many times at once cancels each entry once', async () => {
    const people = await world.people(4);
    const requestId = await client.erase({ userIds: people, ...allBots });
    const answers = await Promise.all(Array.from({ length: 5 }, () => cancel(requestId)));
    const told = answers.map(({ status, json, error }) => [status, json['cancelled'], error.reason]);
    expect(told.sort()).toEqual([
      [200, 4, undefined],
      ...Array<unknown>(4).fill([409, undefined, 'ALREADY_SETTLED']),
    ]);
  });

  it('at any moment of the work leaves one truth', async () => {
    await world.work({ workerConcurrency: 2 });
    for (let round = 0; round < 6; round += 1) {
      const people = await world.people(6);
      const requestId = await client.erase({ userIds: people, ...allBots });
      const begun = await client.until(
        requestId,
        ({ progress, counts }) => progress.done >= round || counts['PENDING'] === undefined,
      );
      const { status, json } = await cancel(requestId);
      const report = await client.settled(requestId);
      const count = report.counts['CANCELLED'] ?? 0;
      expect([status, json['cancelled'] ?? 0]).toEqual(status === 200 ? [200, count] : [409, 0]);
      expect(count).toBeLessThanOrEqual(6 - begun.progress.done);
      await expectAllOrNothing(people, statusesOf(report));
      expect(await world.openBatches(requestId)).toBe(0);
    }
  });

  it('keeps who did it', async () => {
    const requestId = await client.erase({ userIds: ['nobody', 'nobody else'], ...allBots });
    await cancel(requestId);
    const kept = await world.db.run(
      `SELECT kind, round, entries, done_by, done_on <= clock_timestamp() AS past
       FROM expunge.erasure_interventions WHERE request_id = $1`,
      [requestId],
    );
    expect(kept).toEqual([{ kind: 'CANCEL', round: 1, entries: 2, done_by: client.clientId, past: true }]);
  });

  it('is for those who may erase in its account alone', async () => {
    const requestId = await client.erase({ userIds: ['nobody'], ...allBots });
    const foreign = await world.api.client(await world.platform.account());
    const [theirs, unknown] = [await cancel(requestId, foreign), await cancel(UNKNOWN_REQUEST)];
    expect([theirs.status, unknown.status]).toEqual([404, 404]);
    expect(theirs.text).toBe(unknown.text);
    expect((await cancel('%00')).status).toBe(400);
    expect((await cancel('eud-1')).status).toBe(404);
    const powerless = await world.api.client(world.account, { scopes: ['Other:Scope'] });
    expect(await cancel(requestId, powerless)).toMatchObject({
      status: 401,
      error: { reason: 'SCOPE_MISSING' },
    });
    expect((await client.status(requestId)).body.status).toBe('in-progress');
    const colleague = await world.api.client(world.account);
    expect((await cancel(requestId, colleague)).status).toBe(200);
  });

  it.each([[['a']], [{ positions: [1] }], ['all'], [null]])(
    'refuses a body that wants more: %j',
    async (body) => {
      const requestId = await client.erase({ userIds: ['nobody'], ...allBots });
      const answer = await cancel(requestId, client, JSON.stringify(body));
      expect(answer).toMatchObject({
        status: 412,
        error: { reason: 'INVALID_FIELDS', details: [{ field: 'body' }] },
      });
      expect((await cancel(requestId, client, {})).status).toBe(200);
    },
  );

  it('is not held up by the limits of rate', async () => {
    const strict = await LifecycleWorld.open({ rateLimitPerMinute: 1 });
    const requestId = await strict.client.erase({ userIds: ['nobody'], ...allBots });
    expect((await strict.client.send({ userIds: ['nobody'], ...allBots })).status).toBe(429);
    expect((await strict.call(requestId, 'cancel')).status).toBe(200);
    for (let n = 0; n < 3; n += 1) expect((await strict.call(requestId, 'cancel')).status).toBe(409);
    expect((await strict.client.status(requestId)).status).toBe(200);
    await strict.close();
  });
});
