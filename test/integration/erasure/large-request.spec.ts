import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { StatusRepository } from '../../../src/erasure/intake/status.repository.js';
import { RollUpRepository } from '../../../src/erasure/roll-up/roll-up.repository.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';

const ENTRIES = 100_000;

interface Node {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows'?: number;
  readonly 'Actual Loops'?: number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Node[];
}

describe('a request of 100,000 entries', () => {
  let db: TestDatabase;
  const id = `eud-${randomUUID()}`;

  beforeAll(async () => {
    db = await testDatabase({ platform: false });
    // The first one is looked at. Where it is all there is, a planner may as well read the table.
    for (const requestId of [id, ...Array.from({ length: 3 }, () => `eud-${randomUUID()}`)]) {
      await db.run(
        `INSERT INTO expunge.erasure_requests (id, account_id, client_id, all_bots, bot_ids, received_on, due_on, not_before,
           created_on, last_updated_on, total, mac)
         VALUES ($1, 'a', 'c', true, '{}', now(), now(), now(), now(), now(), $2, '')`,
        [requestId, ENTRIES],
      );
      // The last one alone has failed.
      await db.run(
        `INSERT INTO expunge.erasure_subjects (request_id, position, entry, status, planned_on, last_updated_on)
         SELECT $1, n, decode(repeat('00', 64), 'hex'), CASE WHEN n = $2::int - 1 THEN 'FAILED' ELSE 'SUCCESS' END, now(), now()
         FROM generate_series(0, $2::int - 1) n`,
        [requestId, ENTRIES],
      );
    }
    await db.run('ANALYZE expunge.erasure_subjects');
  });

  afterAll(() => db.drop());

  /** Where the plans of the statements of `work` read entries. */
  async function readsOfEntries(work: () => Promise<unknown>): Promise<readonly Node[]> {
    const { logger } = db.dataSource;
    const statements: (readonly [string, readonly unknown[]])[] = [];
    const before = logger.logQuery.bind(logger);
    logger.logQuery = (text: string, parameters?: unknown[]) => {
      if (/^\s*(SELECT|WITH)/.test(text) && text.includes('erasure_subjects'))
        statements.push([text, parameters ?? []]);
    };
    await work();
    logger.logQuery = before;
    expect(statements.length).toBeGreaterThan(0);
    const reads: Node[] = [];
    const visit = (node: Node): void => {
      if (node['Relation Name'] === 'erasure_subjects') reads.push(node);
      node.Plans?.forEach(visit);
    };
    for (const [text, parameters] of statements) {
      const [row] = await db.run<{ 'QUERY PLAN': readonly { Plan: Node }[] }>(
        `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
        parameters,
      );
      const plan = row?.['QUERY PLAN'][0]?.Plan;
      if (plan) visit(plan);
    }
    return reads;
  }

  /** Entries that the statements of `work` read. */
  async function entriesRead(work: () => Promise<unknown>): Promise<number> {
    return (await readsOfEntries(work)).reduce(
      (read, node) =>
        read +
        ((node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0)) * (node['Actual Loops'] ?? 1),
      0,
    );
  }

  it('is rolled up without reading its entries', async () => {
    const read = await entriesRead(() =>
      db.dataSource.transaction(async (manager) => {
        expect(await new RollUpRepository().rollUp(manager, id)).toBe('partial');
      }),
    );
    expect(read).toBeLessThan(20);
  });

  it('is shown a page at a time, of all entries or of those of one status, reading no others', async () => {
    const repository = new StatusRepository(db.dataSource);
    const page = { first: 50_000, limit: 101, status: null };
    expect(await entriesRead(() => repository.subjects(id, page))).toBeLessThan(110);
    const failed = { first: 0, limit: 101, status: 'FAILED' } as const;
    expect(await repository.subjects(id, failed)).toMatchObject([{ position: ENTRIES - 1 }]);
    expect(await entriesRead(() => repository.subjects(id, failed))).toBeLessThan(10);
  });

  it('is counted by status in the index alone, once vacuum has been', async () => {
    await db.run('VACUUM ANALYZE expunge.erasure_subjects');
    const repository = new StatusRepository(db.dataSource);
    const counts = await repository.counts(id);
    expect(new Map(counts.map(({ status, count }) => [status, count]))).toEqual(
      new Map([
        ['SUCCESS', ENTRIES - 1],
        ['FAILED', 1],
      ]),
    );
    const reads = await readsOfEntries(() => repository.counts(id));
    expect(reads.map((node) => node['Node Type'])).toEqual(['Index Only Scan']);
  });
});
