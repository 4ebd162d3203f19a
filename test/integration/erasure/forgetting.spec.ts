import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Forgetting } from '../../../src/erasure/run/forgetting.service.js';
import { ForgettingRepository } from '../../../src/erasure/run/forgetting.repository.js';
import { Platform } from '../../support/platform.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { type TestClient, TestService } from '../../support/service.js';

describe('a settled request', () => {
  let db: TestDatabase;
  let service: TestService;
  let client: TestClient;
  let platform: Platform;

  beforeAll(async () => {
    db = await testDatabase();
    service = await TestService.start(await db.serviceUrl(), { retention: 'P1M' });
    platform = new Platform(db);
    client = await service.client(await platform.account());
  });
  afterAll(async () => {
    await service.stop();
    await db.drop();
  });

  const erased = async (): Promise<string> => {
    const people = await Promise.all(
      Array.from({ length: 5 }, async () => platform.user(await accountOf(), { identities: ['web|w'] })),
    );
    return (await client.eraseAndWait({ userIds: people, RemoveDataFromAllBots: true }))._id;
  };
  const accountOf = async (): Promise<string> => {
    const [row] = await db.run<{ id: string }>('SELECT account_id AS id FROM expunge.client_apps LIMIT 1');
    return row?.id ?? '';
  };
  const age = (requestId: string, days: number): Promise<unknown> =>
    db.run(
      'UPDATE expunge.erasure_requests SET settled_on = settled_on - make_interval(days => $2) WHERE id = $1',
      [requestId, days],
    );
  /** Rows that hang on a request, its own among them. */
  const rowsOf = async (requestId: string): Promise<number> => {
    const [row] = await db.run<{ rows: number }>(
      `SELECT ((SELECT count(*) FROM expunge.erasure_requests WHERE id = $1)
             + (SELECT count(*) FROM expunge.erasure_subjects WHERE request_id = $1)
             + (SELECT count(*) FROM expunge.erasure_persons WHERE request_id = $1)
             + (SELECT count(*) FROM expunge.erasure_batches WHERE request_id = $1))::int AS rows`,
      [requestId],
    );
    return row?.rows ?? 0;
  };

  it('is forgotten with all that hangs on it once its time is over, and no other is', async () => {
    const [old, recent] = [await erased(), await erased()];
    await age(old, 32);
    await age(recent, 27);
    const before = await rowsOf(recent);
    expect(await rowsOf(old)).toBe(before);
    await service.get(Forgetting).hideSettled();
    expect((await client.status(old)).status).toBe(404);
    expect((await client.status(recent)).body.counts).toEqual({ SUCCESS: 5 });
    // Done by the sweep as well.
    await service.get(Forgetting).remove();
    for (const deadline = Date.now() + 20_000; (await rowsOf(old)) > 0;)
      if (Date.now() > deadline) throw new Error('still there');
    expect(await rowsOf(recent)).toBe(before);
  });

  it('goes some rows at a time, however many it has', async () => {
    const requestId = await erased();
    const all = await rowsOf(requestId);
    const rows = service.get(ForgettingRepository);
    await db.dataSource.transaction(async (manager) => {
      await manager.query(`UPDATE expunge.erasure_requests SET status = 'forgotten' WHERE id = $1`, [
        requestId,
      ]);
      const left: number[] = [];
      while (await rows.removeSome(manager, 2)) {
        const [row] = await manager.query<{ rows: number }[]>(
          `SELECT count(*)::int AS rows FROM (
             SELECT FROM expunge.erasure_subjects WHERE request_id = $1
             UNION ALL SELECT FROM expunge.erasure_persons WHERE request_id = $1) r`,
          [requestId],
        );
        left.push(row?.rows ?? 0);
      }
      // Two entries at a time, then two people at a time, then the batch, then the request.
      expect(left).toEqual([8, 6, 5, 3, 1, 0, 0, 0]);
      expect(all).toBe(5 + 5 + 1 + 1);
    });
  });

  it('goes with the notes of a batch that never got to its end, some at a time as well', async () => {
    const [requestId, other] = [await erased(), await erased()];
    await db.run(
      `INSERT INTO expunge.erasure_overwrites (batch_id, person_id, collection, row_key, expected)
       SELECT id, n, 'c', '{}', '{}' FROM expunge.erasure_batches, generate_series(1, 5) n
       WHERE request_id = ANY ($1::text[])`,
      [[requestId, other]],
    );
    const rows = service.get(ForgettingRepository);
    await db.dataSource.transaction(async (manager) => {
      await manager.query(`UPDATE expunge.erasure_requests SET status = 'forgotten' WHERE id = $1`, [
        requestId,
      ]);
      const left: object[] = [];
      while (await rows.removeSome(manager, 2)) {
        const [row] = await manager.query<object[]>(
          `SELECT count(*) FILTER (WHERE request_id = $1)::int AS its, count(*) FILTER (WHERE request_id = $2)::int AS others
           FROM expunge.erasure_overwrites n JOIN expunge.erasure_batches b ON b.id = n.batch_id`,
          [requestId, other],
        );
        left.push(row ?? {});
      }
      const entriesAndPeople = Array<number>(6).fill(5);
      // Before the batch, which would take all of them with it.
      expect(left).toEqual([...entriesAndPeople, 3, 1, 0, 0, 0].map((its) => ({ its, others: 5 })));
    });
  });
});
