import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { appRevoke } from '../../../src/cli/app.js';
import { cancel } from '../../../src/cli/cancel.js';
import { CommandFailure } from '../../../src/cli/command.js';
import { watchFaultPoints } from '../../../src/config/fault-points.js';
import { DatabaseFault } from '../../../src/database/database-fault.js';
import { atFaultPoint } from '../../support/at-fault-point.js';
import { workCounters } from '../../../src/common/metrics/work-counters.js';
import { pause, resume } from '../../../src/cli/pause.js';
import { TestIo } from '../../support/command-io.js';
import { eventually } from '../../support/eventually.js';
import { LifecycleWorld } from '../../support/lifecycle-world.js';
import { type TestClient } from '../../support/service.js';
import { testSettings } from '../../support/settings.js';

const allBots = { RemoveDataFromAllBots: true };

describe('cancelling from the command line', () => {
  let world: LifecycleWorld;
  let io: TestIo;

  beforeAll(async () => {
    world = await LifecycleWorld.open({ batchPersons: 1, workerConcurrency: 1 });
    io = new TestIo(world.db.dataSource, testSettings(world.api.settings));
  });

  afterEach(() => world.rest());
  afterAll(() => world.close());

  const statusOf = async (client: TestClient, requestId: string): Promise<string> =>
    (await client.status(requestId)).body.status;

  it('cancel reaches what came since, of this app and no other', async () => {
    const [mine, theirs] = [await world.api.client(world.account), await world.api.client(world.account)];
    const erase = (client: TestClient): Promise<string> =>
      client.erase({ userIds: ['nobody', 'nobody else'], ...allBots });
    const old = await erase(mine);
    await world.db.run(
      `UPDATE expunge.erasure_requests SET created_on = created_on - interval '1 hour' WHERE id = $1`,
      [old],
    );
    const recent = [await erase(mine), await erase(mine)];
    const other = await erase(theirs);
    const since = new Date(Date.now() - 60_000).toISOString();

    expect(await cancel({ clientId: mine.clientId, since, json: true }, io)).toBe(0);
    expect(io.json()).toEqual({
      clientId: mine.clientId,
      requests: recent,
      cancelled: 4,
      inProgress: 0,
    });
    for (const id of recent) expect(await statusOf(mine, id)).toBe('cancelled');
    for (const [client, id] of [
      [mine, old],
      [theirs, other],
    ] as const)
      expect(await statusOf(client, id)).toBe('in-progress');
    const kept = await world.db.run(
      'SELECT DISTINCT done_by FROM expunge.erasure_interventions WHERE request_id = ANY ($1)',
      [recent],
    );
    expect(kept).toEqual([{ done_by: 'operator' }]);

    await cancel({ clientId: mine.clientId, since, json: false }, io);
    expect(io.printed.splice(0)).toEqual(['cancelled 0 entries of 0 requests']);
  });

  it('cancel walks through any number of requests, also of one moment', async () => {
    const client = await world.api.client(world.account);
    const ids = [];
    for (let n = 0; n < 205; n += 1) ids.push(await client.erase({ userIds: ['nobody'], ...allBots }));
    await world.db.run(
      `UPDATE expunge.erasure_requests SET created_on = date_trunc('minute', created_on) WHERE id = ANY ($1)`,
      [ids],
    );
    await cancel({ clientId: client.clientId, since: '2020-01-01', json: true }, io);
    const { requests, cancelled } = io.json();
    expect(cancelled).toBe(205);
    expect(new Set(requests as string[])).toEqual(new Set(ids));
  });

  it('cancel lets what has begun be finished, and says how much that is', async () => {
    const client = await world.api.client(world.account);
    const people = await world.people(3);
    const requestId = await client.erase({ userIds: people, ...allBots });
    const done = atFaultPoint('erase-chunk:after-commit', () =>
      cancel({ clientId: client.clientId, since: '2020-01-01', json: false }, io),
    );
    await world.work({ chunkMs: 0 });
    await done;
    expect(io.printed.splice(0)).toEqual([
      'cancelled 2 entries of 1 requests; 1 had begun and are being finished',
    ]);
    expect((await client.settled(requestId)).counts).toEqual({ SUCCESS: 1, CANCELLED: 2 });
  });

  it.each([
    [{ clientId: 'cs-nobody', since: '2026-01-01' }, 1, 'no client app'],
    [{ clientId: `cs-${randomUUID()}`, since: '2026-01-01' }, 1, 'no client app'],
    [{ clientId: 'cs-nobody', since: 'yesterday' }, 2, '--since'],
    [{ clientId: 'cs-nobody', since: '2026-02-30' }, 2, '--since'],
  ])('cancel %j ends with one sentence', async (options, status, words) => {
    const failure = await cancel({ ...options, json: true }, io).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CommandFailure);
    expect(failure).toMatchObject({ status, message: expect.stringContaining(words) });
    expect(io.printed).toEqual([]);
  });

  describe("while somebody holds a request's row", () => {
    /** Until `release` is called. */
    async function held(requestId: string): Promise<{ readonly release: () => Promise<void> }> {
      const holder = world.db.dataSource.createQueryRunner();
      await holder.startTransaction();
      await holder.query('SELECT FROM expunge.erasure_requests WHERE id = $1 FOR UPDATE', [requestId]);
      return {
        release: async () => {
          if (holder.isReleased) return;
          await holder.rollbackTransaction();
          await holder.release();
        },
      };
    }

    async function triedAgain(): Promise<number> {
      const { values } = await workCounters.retries.get();
      return values.find(({ labels }) => labels.work === 'transaction')?.value ?? 0;
    }

    const erase = (client: TestClient): Promise<string> =>
      client.erase({ userIds: ['nobody', 'nobody else'], ...allBots });

    it('cancel tries again until they let go', async () => {
      const client = await world.api.client(world.account);
      const requestId = await erase(client);
      const holder = await held(requestId);
      const before = await triedAgain();
      const done = cancel({ clientId: client.clientId, since: '2020-01-01', json: true }, io);
      await eventually('it was tried again twice', async () => (await triedAgain()) >= before + 2);
      await holder.release();
      expect(await done).toBe(0);
      expect(io.json()).toEqual({
        ...{ clientId: client.clientId, requests: [requestId], cancelled: 2, inProgress: 0 },
      });
    });

    it('cancel goes on to the others, and says which is left', async () => {
      const client = await world.api.client(world.account);
      const [first, second, third] = [await erase(client), await erase(client), await erase(client)];
      const holder = await held(second);
      try {
        const options = { clientId: client.clientId, since: '2020-01-01', json: false };
        const failure = await cancel(options, io).catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(CommandFailure);
        expect(failure).toMatchObject({ status: 1, message: expect.stringContaining(second) });
        expect(String(failure)).not.toMatch(new RegExp(`${first}|${third}`));
        expect(io.printed.splice(0)).toEqual(['cancelled 4 entries of 2 requests']);
      } finally {
        await holder.release();
      }
      for (const id of [first, third]) expect(await statusOf(client, id)).toBe('cancelled');
      expect(await statusOf(client, second)).toBe('in-progress');
      await cancel({ clientId: client.clientId, since: '2020-01-01', json: false }, io);
      expect(io.printed.splice(0)).toEqual(['cancelled 2 entries of 1 requests']);
    });

    it('app revoke --cancel says that the app is ended, and which is left', async () => {
      const client = await world.api.client(world.account);
      const [first, second] = [await erase(client), await erase(client)];
      const holder = await held(first);
      try {
        const options = { clientId: client.clientId, cancel: true, json: true };
        const failure = await appRevoke(options, io).catch((error: unknown) => error);
        expect(failure).toMatchObject({ status: 1, message: expect.stringContaining(first) });
        expect(io.json()).toEqual({
          ...{ clientId: client.clientId, revoked: true },
          ...{ requests: [second], cancelled: 2, inProgress: 0, left: [first] },
        });
      } finally {
        await holder.release();
      }
    });

    it.each<[string, (requestId: string) => Promise<unknown>, number]>([
      ['an app that cancels', (id) => world.call(id, 'cancel'), 200],
      ['pause', (id) => pause({ request: id, reason: 'case 7', json: false }, io), 0],
      ['resume', (id) => resume({ request: id, json: false }, io), 0],
    ])('%s waits in the same way', async (_who, call, expected) => {
      const requestId = await erase(world.client);
      const holder = await held(requestId);
      const before = await triedAgain();
      const answer = call(requestId);
      await eventually('it was tried again twice', async () => (await triedAgain()) >= before + 2);
      await holder.release();
      const got = await answer;
      expect(typeof got === 'object' ? (got as { status: number }).status : got).toBe(expected);
      io.printed.splice(0);
    });
  });

  it('cancel tells what it has done when the connection is lost', async () => {
    const client = await world.api.client(world.account);
    const ids = [];
    for (let n = 0; n < 3; n += 1) ids.push(await client.erase({ userIds: ['nobody'], ...allBots }));
    let cancels = 0;
    watchFaultPoints((at) => {
      if (at !== 'cancel:before-commit' || ++cancels < 2) return Promise.resolve();
      watchFaultPoints(null);
      return Promise.reject(new DatabaseFault('08006'));
    });
    const options = { clientId: client.clientId, since: '2020-01-01', json: true };
    const failure = await cancel(options, io).catch((error: unknown) => error);
    expect(failure).toMatchObject({ status: 1, message: expect.stringContaining('perhaps others') });
    expect(io.json()).toEqual({
      ...{ clientId: client.clientId, requests: [ids[0]], cancelled: 1, inProgress: 0 },
      left: ids.slice(1),
    });
  });

  it('app revoke --cancel ends the app and all its requests, also those let in at that moment', async () => {
    const client = await world.api.client(world.account);
    const first = await client.erase({ userIds: ['nobody'], ...allBots });
    // Another has been let in and is not written down yet when the first is cancelled.
    const late = atFaultPoint('accept-alone:before-commit', () =>
      eventually('the first is cancelled', async () => (await statusOf(world.client, first)) === 'cancelled'),
    );
    const accepting = client.erase({ userIds: ['nobody'], ...allBots });
    const done = await appRevoke({ clientId: client.clientId, cancel: true, json: true }, io);
    await late;
    const requests = [first, await accepting];
    expect(done).toBe(0);
    expect(io.json()).toEqual({
      ...{ clientId: client.clientId, revoked: true },
      ...{ requests, cancelled: 2, inProgress: 0 },
    });
    for (const id of requests) expect(await statusOf(world.client, id)).toBe('cancelled');
    expect((await client.send({ userIds: ['nobody'], ...allBots })).status).toBe(401);
  });

  it('app revoke without it leaves its requests alone', async () => {
    const client = await world.api.client(world.account);
    const requestId = await client.erase({ userIds: ['nobody'], ...allBots });
    await appRevoke({ clientId: client.clientId, cancel: false, json: false }, io);
    expect(io.printed.splice(0)).toEqual([`revoked ${client.clientId}`]);
    expect(await statusOf(world.client, requestId)).toBe('in-progress');
  });
});
