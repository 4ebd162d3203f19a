import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EntityManager } from 'typeorm';
import { sql } from '../../../src/database/sql.js';
import { inTransaction } from '../../../src/database/transaction.js';
import { copyEntries } from '../../../src/erasure/intake/copy-entries.js';
import { IntakeRepository, type NewRequest } from '../../../src/erasure/intake/intake.repository.js';
import { oneConnection, type TestDatabase, testDatabase } from '../../support/postgres.js';
import { testSettings } from '../../support/settings.js';

const ENTRIES = 50;

const limits = {
  statementTimeoutMs: 10_000,
  lockTimeoutMs: 0,
  idleInTransactionTimeoutMs: 10_000,
  deadClientTimeoutMs: 0,
};

describe('accepting', () => {
  let db: TestDatabase;
  let intake: IntakeRepository;

  beforeAll(async () => {
    db = await testDatabase({ platform: false });
    intake = new IntakeRepository(db.dataSource, testSettings());
  });

  afterAll(() => db.drop());

  function newRequest(): NewRequest {
    const now = new Date();
    return {
      ...{ id: `eud-${randomUUID()}`, accountId: 'a', clientId: 'c', allBots: true, botIds: [] },
      ...{ total: 2 * ENTRIES, receivedOn: now, reference: null, mac: Buffer.alloc(48), notBefore: null },
    };
  }

  /** How often this transaction has read all of the requests. */
  async function wholeReads(manager: EntityManager): Promise<number> {
    const [row] = await sql<{ reads: number }>(
      manager,
      `SELECT seq_scan::int AS reads FROM pg_stat_xact_user_tables WHERE relid = 'expunge.erasure_requests'::regclass`,
    );
    return row?.reads ?? NaN;
  }

  async function* paged(pages: readonly (readonly Buffer[])[]): AsyncGenerator<readonly Buffer[]> {
    for (const page of pages) yield Promise.resolve(page);
  }

  async function acceptInPages(request: NewRequest, pages: readonly (readonly Buffer[])[]): Promise<void> {
    const [first = [], ...others] = pages;
    await intake.accept(request.id, async (manager) => {
      const acceptedOn = await intake.insert(manager, request, first);
      await copyEntries(manager, { requestId: request.id, from: ENTRIES, acceptedOn }, paged(others));
    });
  }

  it('reads none of the other requests, however few there were when the session began', async () => {
    await db.run('VACUUM ANALYZE expunge.erasure_requests');
    const page = Array.from({ length: ENTRIES }, (_, index) => Buffer.from(String(index)));
    const runner = db.dataSource.createQueryRunner();
    for (let time = 0; time < 8; time += 1) {
      const request = newRequest();
      // Without the settings of a transaction of ours, as by itself.
      await runner.startTransaction();
      const acceptedOn = await intake.insert(runner.manager, request, page);
      expect(await wholeReads(runner.manager)).toBe(0);
      await copyEntries(runner.manager, { requestId: request.id, from: ENTRIES, acceptedOn }, paged([page]));
      expect(await wholeReads(runner.manager)).toBe(0);
      await runner.commitTransaction();
    }
    await runner.release();
  });

  it('keeps the entries of a call that is all there is to write', async () => {
    const request = newRequest();
    await intake.acceptAlone(request, pageOf(0));
    const rows = await db.run('SELECT FROM expunge.erasure_subjects WHERE request_id = $1', [request.id]);
    expect(rows).toHaveLength(ENTRIES);
  });

  it('prepares that call once, and gives the connection back whatever comes of it', async () => {
    const dataSource = await oneConnection(db.url);
    const alone = new IntakeRepository(dataSource, testSettings());
    const request = newRequest();
    await alone.acceptAlone(request, pageOf(0));
    await expect(alone.acceptAlone(request, pageOf(0))).rejects.toMatchObject({ sqlState: '23505' });
    await alone.acceptAlone(newRequest(), pageOf(0));
    const prepared = await dataSource.query<{ times: number }[]>(
      `SELECT (generic_plans + custom_plans)::int AS times FROM pg_prepared_statements
       WHERE statement LIKE '%expunge.accept_erasure%'`,
    );
    expect(prepared).toEqual([{ times: 3 }]);
    await dataSource.destroy();
  });

  /** Of a length of its own, with all bytes that there are. */
  function entry(index: number): Buffer {
    return Buffer.from(Array.from({ length: index * 3 }, (_, at) => (index + at) % 256));
  }

  const pageOf = (from: number): Buffer[] =>
    Array.from({ length: ENTRIES }, (_, index) => entry(from + index));

  it('keeps the entries of all pages in the order sent, as of when it was accepted', async () => {
    const request = newRequest();
    await acceptInPages(
      request,
      [0, 1, 2].map((nth) => pageOf(nth * ENTRIES)),
    );
    const rows = await db.run<{ position: number; entry: Buffer }>(
      `SELECT s.position, s.entry FROM expunge.erasure_subjects s JOIN expunge.erasure_requests r ON r.id = s.request_id
       WHERE r.id = $1 AND s.last_updated_on = r.created_on AND r.last_updated_on = r.created_on ORDER BY s.position`,
      [request.id],
    );
    expect(rows).toEqual(
      Array.from({ length: 3 * ENTRIES }, (_, index) => ({ position: index, entry: entry(index) })),
    );
  });

  it.each([
    ['when a page can not be made', () => Promise.reject(new Error('no page')), 'no page'],
    [
      'when the connection is lost meanwhile',
      () => db.run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY %'`),
      // What the server says last, or what the socket does.
      /57P01|08000/,
    ],
  ])('keeps nothing %s, and goes on', async (_when, meanwhile, told) => {
    const request = newRequest();
    async function* pages(): AsyncGenerator<readonly Buffer[]> {
      yield pageOf(ENTRIES);
      await meanwhile();
      for (let nth = 2; nth < 200; nth += 1) yield pageOf(nth);
    }
    const failure = inTransaction(db.dataSource, limits, null, async (manager) => {
      const acceptedOn = await intake.insert(manager, request, pageOf(0));
      await copyEntries(manager, { requestId: request.id, from: ENTRIES, acceptedOn }, pages());
    });
    await expect(failure).rejects.toThrow(told);
    expect(await db.run('SELECT FROM expunge.erasure_subjects WHERE request_id = $1', [request.id])).toEqual(
      [],
    );
    await acceptInPages(newRequest(), [pageOf(0), pageOf(1)]);
  });
});
