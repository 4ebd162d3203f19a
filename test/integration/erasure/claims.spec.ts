import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type DataSource, type EntityManager } from 'typeorm';
import { inTransaction } from '../../../src/database/transaction.js';
import { ClaimLost } from '../../../src/erasure/run/claim.js';
import { ClaimsRepository } from '../../../src/erasure/run/claims.repository.js';
import { RollUpRepository } from '../../../src/erasure/roll-up/roll-up.repository.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { testSettings } from '../../support/settings.js';

const settings = testSettings();

describe('claims', () => {
  let db: TestDatabase;
  let claims: ClaimsRepository;
  let dataSource: DataSource;

  beforeAll(async () => {
    db = await testDatabase({ platform: false });
    ({ dataSource } = db);
    claims = new ClaimsRepository(dataSource, settings);
  });

  beforeEach(() => db.run('DELETE FROM expunge.erasure_requests'));

  afterAll(() => db.drop());

  async function request(subjects = 2): Promise<string> {
    const id = `eud-${randomUUID()}`;
    await db.run(
      `INSERT INTO expunge.erasure_requests (id, account_id, client_id, all_bots, bot_ids, received_on, due_on, not_before,
         created_on, last_updated_on, total, mac)
       VALUES ($1, 'a', 'c', true, '{}', now(), now(), now(), now(), now(), $2, '')`,
      [id, subjects],
    );
    await db.run(
      `INSERT INTO expunge.erasure_subjects (request_id, position, entry, status, last_updated_on)
       SELECT $1, n, '', 'IN_PROGRESS', now() FROM generate_series(0, $2::int - 1) n`,
      [id, subjects],
    );
    return id;
  }

  async function batches(requestId: string, number: number): Promise<void> {
    await db.run('UPDATE expunge.erasure_requests SET planned_on = now() WHERE id = $1', [requestId]);
    await db.run(
      `INSERT INTO expunge.erasure_batches (request_id, account_id, not_before, data_map_hash)
       SELECT $1, 'a', now(), 'h' FROM generate_series(1, $2::int)`,
      [requestId, number],
    );
  }

  /** Until the session waits for a lock that another holds. */
  async function waitsForLock(pid: number): Promise<void> {
    for (;;) {
      const [row] = await db.run<{ waits: boolean }>(
        `SELECT wait_event_type = 'Lock' AS waits FROM pg_stat_activity WHERE pid = $1`,
        [pid],
      );
      if (row?.waits) return;
    }
  }

  /** Until some transaction holds the only batch. */
  async function rowIsLocked(): Promise<void> {
    const free = 'SELECT FROM expunge.erasure_batches FOR UPDATE SKIP LOCKED';
    while ((await db.run(free)).length > 0);
  }

  it('hand out each batch once, however many ask at once', async () => {
    await batches(await request(), 5);
    const found = await Promise.all(Array.from({ length: 12 }, (_, n) => claims.claimBatch(`w${n}`, 'h')));
    const ids = found.flatMap((claim) => (claim ? [claim.batchId] : []));
    expect(new Set(ids).size).toBe(ids.length);
    while (await claims.claimBatch('w', 'h')) ids.push('later');
    expect(ids).toHaveLength(5);
  });

  it('claim one batch at a time, under a nested loop too', async () => {
    await batches(await request(), 5);
    await dataSource.transaction(async (manager) => {
      await manager.query('SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off');
      const ours = {
        driver: dataSource.driver,
        createQueryRunner: () => ({
          manager,
          query: (text: string): Promise<unknown> =>
            text === 'COMMIT' ? Promise.resolve() : manager.query(text),
          release: () => undefined,
        }),
      };
      const here = new ClaimsRepository(ours as never, settings);
      await here.claimBatch('w', 'h');
      const [{ running } = { running: 0 }] = await manager.query<{ running: number }[]>(
        `SELECT count(*)::int AS running FROM expunge.erasure_batches WHERE state = 'RUNNING'`,
      );
      expect(running).toBe(1);
    });
  });

  it('pass to another once the lease has run out; the former holder can write nothing any more', async () => {
    await batches(await request(), 1);
    const former = await claims.claimBatch('former', 'h');
    if (!former) throw new Error('nothing to claim');
    expect(await claims.claimBatch('early', 'h')).toBeNull();
    await db.run(`UPDATE expunge.erasure_batches SET lease_until = clock_timestamp() - interval '1 second'`);
    const successor = await claims.claimBatch('successor', 'h');
    expect(successor?.batchId).toBe(former.batchId);
    await expect(
      inTransaction(dataSource, settings, null, (manager) => claims.fenceBatch(manager, former)),
    ).rejects.toThrow(ClaimLost);
    await expect(
      inTransaction(dataSource, settings, null, (manager) => claims.settleBatch(manager, former, null)),
    ).rejects.toThrow(ClaimLost);
    await claims.releaseBatch(former, 0, '40001');
    const [row] = await db.run<object>('SELECT state, worker, attempts FROM expunge.erasure_batches');
    expect(row).toEqual({ state: 'RUNNING', worker: 'successor', attempts: 0 });
  });

  it('a batch is settled with its notes where they are few; where they are many, those go before it', async () => {
    await batches(await request(), 2);
    const [claim, other] = [await claims.claimBatch('w', 'h'), await claims.claimBatch('w', 'h')];
    if (!claim || !other) throw new Error('nothing to claim');
    await db.run(
      `INSERT INTO expunge.erasure_overwrites (batch_id, person_id, collection, row_key, expected)
       SELECT b, n % 2, 'c' || n % 3, '{}', '{}' FROM unnest($1::bigint[]) b, generate_series(1, 25) n`,
      [[claim.batchId, other.batchId]],
    );
    const few = new ClaimsRepository(dataSource, testSettings({ chunkRows: 10 }));
    const within = <T>(work: (manager: EntityManager) => Promise<T>): Promise<T> =>
      inTransaction(dataSource, settings, null, work);
    const left = async (): Promise<object> => {
      const [row] = await db.run<object>(
        `SELECT count(*) FILTER (WHERE batch_id = $1)::int AS its, count(*) FILTER (WHERE batch_id = $2)::int AS others,
           (SELECT state FROM expunge.erasure_batches WHERE id = $1) AS state FROM expunge.erasure_overwrites`,
        [claim.batchId, other.batchId],
      );
      return row ?? {};
    };
    expect(await within((manager) => few.settleBatch(manager, claim, null))).toBe(false);
    expect(await left()).toEqual({ its: 25, others: 25, state: 'RUNNING' });
    const first = await within((manager) => few.forgetNotes(manager, claim, null));
    expect(await left()).toEqual({ its: 15, others: 25, state: 'RUNNING' });
    expect(await within((manager) => few.settleBatch(manager, claim, first))).toBe(false);
    const second = await within((manager) => few.forgetNotes(manager, claim, first));
    expect(await left()).toEqual({ its: 5, others: 25, state: 'RUNNING' });
    expect(await within((manager) => few.settleBatch(manager, claim, second))).toBe(true);
    expect(await left()).toEqual({ its: 0, others: 25, state: 'SETTLED' });
    // Nobody's any more.
    await expect(within((manager) => few.forgetNotes(manager, claim, null))).rejects.toThrow(ClaimLost);
    expect(await within((manager) => claims.settleBatch(manager, other, null))).toBe(true);
    expect(await left()).toEqual({ its: 0, others: 0, state: 'SETTLED' });
  });

  it('a worker that stands still in mid-transaction is ended by the server: its successor goes on, it never can', async () => {
    await batches(await request(), 1);
    const former = await claims.claimBatch('former', 'h');
    if (!former) throw new Error('nothing to claim');
    await db.run(`UPDATE expunge.erasure_batches SET lease_until = clock_timestamp() - interval '1 second'`);
    let wakeUp = (): void => undefined;
    const asleep = new Promise<void>((resolve) => {
      wakeUp = resolve;
    });
    const limits = testSettings({ idleInTransactionTimeoutMs: 200 });
    const held = inTransaction(dataSource, limits, null, async (manager) => {
      await claims.fenceBatch(manager, former);
      await asleep;
      await manager.query(`UPDATE expunge.erasure_batches SET last_code = 'LATE'`);
    }).catch((error: unknown) => error);
    await rowIsLocked();
    let successor = null;
    while (!successor) successor = await claims.claimBatch('successor', 'h');
    expect(successor.batchId).toBe(former.batchId);
    wakeUp();
    expect(await held).toMatchObject({ connectionLost: true });
    const [row] = await db.run<object>('SELECT worker, last_code FROM expunge.erasure_batches');
    expect(row).toEqual({ worker: 'successor', last_code: null });
  });

  it('given back keep their place; those that failed wait, and only failures are attempts', async () => {
    await batches(await request(), 2);
    const state = `SELECT state, attempts, last_code, not_before <= now() AS now FROM expunge.erasure_batches ORDER BY id`;
    const first = await claims.claimBatch('w', 'h');
    if (!first) throw new Error('nothing to claim');
    await claims.releaseBatch(first, 0, null);
    expect((await db.run(state))[0]).toEqual({ state: 'WAITING', attempts: 0, last_code: null, now: true });
    const again = await claims.claimBatch('w', 'h');
    expect(again?.batchId).toBe(first.batchId);
    if (!again) throw new Error('nothing to claim');
    await claims.releaseBatch(again, 60_000, '40P01');
    expect((await db.run(state))[0]).toEqual({
      state: 'WAITING',
      attempts: 1,
      last_code: '40P01',
      now: false,
    });
    expect((await claims.claimBatch('w', 'h'))?.batchId).not.toBe(first.batchId);
  });

  it('of planning given back keep their place as well, and wait after a failure', async () => {
    const [first] = [await request(), await request()];
    for (const wait of [0, 60_000]) {
      const claim = await claims.claimPlanning('w');
      expect(claim?.requestId).toBe(first);
      if (claim) await claims.releasePlanning(claim, wait, wait > 0);
    }
    expect((await claims.claimPlanning('w'))?.requestId).not.toBe(first);
    const [row] = await db.run<object>('SELECT attempts FROM expunge.erasure_requests WHERE id = $1', [
      first,
    ]);
    expect(row).toEqual({ attempts: 1 });
  });

  it('renew the lease by the clock, not by the start of the transaction', async () => {
    await batches(await request(), 1);
    const claim = await claims.claimBatch('w', 'h');
    if (!claim) throw new Error('nothing to claim');
    await inTransaction(dataSource, settings, null, async (manager) => {
      await manager.query('SELECT pg_sleep(0.2)');
      await claims.fenceBatch(manager, claim);
      const [{ left } = { left: 0 }] = await manager.query<{ left: number }[]>(
        `SELECT extract(epoch FROM lease_until - now())::float AS left FROM expunge.erasure_batches`,
      );
      expect(left).toBeGreaterThan(settings.leaseSeconds + 0.15);
    });
  });

  it('of planning are as those of batches', async () => {
    const id = await request();
    const former = await claims.claimPlanning('former');
    expect(former?.requestId).toBe(id);
    expect(await claims.claimPlanning('early')).toBeNull();
    await db.run(`UPDATE expunge.erasure_requests SET lease_until = clock_timestamp() - interval '1 second'`);
    expect((await claims.claimPlanning('successor'))?.requestId).toBe(id);
    if (!former) throw new Error('nothing to claim');
    await expect(
      inTransaction(dataSource, settings, null, (manager) => claims.fencePlanning(manager, former)),
    ).rejects.toThrow(ClaimLost);
  });

  it('two batches that end at once settle the request', async () => {
    const id = await request();
    const rollUps = new RollUpRepository();
    const [first, second] = [dataSource.createQueryRunner(), dataSource.createQueryRunner()];
    for (const [position, runner] of [first, second].entries()) {
      await runner.startTransaction();
      await runner.query(
        `UPDATE expunge.erasure_subjects SET status = 'SUCCESS' WHERE request_id = $1 AND position = $2`,
        [id, position],
      );
    }
    expect(await rollUps.rollUp(first.manager, id)).toBe('in-progress');
    const [{ pid } = { pid: 0 }] = await second.manager.query<{ pid: number }[]>(
      'SELECT pg_backend_pid() AS pid',
    );
    const later = rollUps.rollUp(second.manager, id);
    await waitsForLock(pid);
    await first.commitTransaction();
    expect(await later).toBe('completed');
    await second.commitTransaction();
    await Promise.all([first.release(), second.release()]);
    const [row] = await db.run<{ status: string }>('SELECT status FROM expunge.erasure_requests');
    expect(row?.status).toBe('completed');
  });
});
