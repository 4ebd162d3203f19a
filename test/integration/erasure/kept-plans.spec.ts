import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type DataSource, type EntityManager } from 'typeorm';
import { inTransaction } from '../../../src/database/transaction.js';
import { type BatchClaim } from '../../../src/erasure/run/claim.js';
import { ClaimsRepository } from '../../../src/erasure/run/claims.repository.js';
import { type Outcome, OutcomeRepository } from '../../../src/erasure/run/outcome.repository.js';
import { oneConnection, type TestDatabase, testDatabase } from '../../support/postgres.js';
import { testSettings } from '../../support/settings.js';

const BATCHES = 400;
const PERSONS = 100;
/** Often enough for the server to keep a plan of each statement. */
const TIMES = 12;
const settings = testSettings();
const ways: readonly Omit<Outcome, 'person'>[] = [
  { status: 'SUCCESS', reason: null },
  { status: 'FAILED', reason: 'DATA_REMAINS' },
  { status: 'PROTECTED', reason: 'ACCOUNT_OWNER' },
];

/**
 * As the tables are found: the statistics know nothing of them, all of it, how small they were before, or that everybody in
 * them had ended, as is usual.
 */
const statistics = ['none', 'new', 'old', 'settled'] as const;

describe.each(statistics)('the plans that are kept for a request of 40,000, with %s statistics', (known) => {
  let db: TestDatabase;
  /** Of a single connection, so that each statement is sent to the same one. */
  let dataSource: DataSource;

  beforeAll(async () => {
    db = await testDatabase({ platform: false });
    for (const table of ['requests', 'subjects', 'persons', 'batches', 'counts', 'batch_counts'])
      await db.run(`ALTER TABLE expunge.erasure_${table} SET (autovacuum_enabled = false)`);
    if (known === 'old') {
      await request(1);
      await db.run('ANALYZE');
    }
    if (known === 'settled') {
      await request(BATCHES);
      for (const table of ['subjects', 'persons'])
        await db.run(`UPDATE expunge.erasure_${table} SET status = 'SUCCESS'`);
      await db.run(`UPDATE expunge.erasure_batches SET state = 'SETTLED', settled_on = now()`);
      await db.run('ANALYZE');
    }
    await request(BATCHES);
    if (known === 'new') await db.run('ANALYZE');
    dataSource = await oneConnection(db.url);
  });

  afterAll(async () => {
    await dataSource.destroy();
    await db.drop();
  });

  /** A planned request whose entries are all open, cut into batches. */
  async function request(batches: number): Promise<void> {
    const id = `eud-${randomUUID()}`;
    await db.run(
      `INSERT INTO expunge.erasure_requests (id, account_id, client_id, all_bots, bot_ids, received_on, due_on, not_before,
         created_on, last_updated_on, total, mac, planned_on)
       VALUES ($1, 'a', 'c', true, '{}', now(), now(), now(), now(), now(), $2, '', now())`,
      [id, batches * PERSONS],
    );
    await db.run(
      `WITH batch AS (
         INSERT INTO expunge.erasure_batches (request_id, account_id, not_before, data_map_hash)
         SELECT $1, 'a', now(), 'h' FROM generate_series(1, $2::int) RETURNING id
       ), person AS (
         INSERT INTO expunge.erasure_persons (request_id, person_hash, key_set, key_hashes, first_position, status, batch_id)
         SELECT $1, decode(lpad(to_hex(b.nth * $3::int + n), 16, '0'), 'hex'), '', '{}', b.nth * $3::int + n, 'PENDING', b.id
         FROM (SELECT id, row_number() OVER () - 1 AS nth FROM batch) b CROSS JOIN generate_series(0, $3::int - 1) n
         RETURNING id, first_position
       )
       INSERT INTO expunge.erasure_subjects (request_id, position, entry, status, planned_on, person_id, last_updated_on)
       SELECT $1, first_position, '', 'PENDING', now(), id, now() FROM person`,
      [id, batches, PERSONS],
    );
  }

  /** As the service does it: claimed, begun, fenced, counted and settled in every way there is. */
  async function erase(claims: ClaimsRepository, outcomes: OutcomeRepository): Promise<void> {
    const claim = (await claims.claimBatch('worker', 'h')) as BatchClaim;
    const work = async (manager: EntityManager): Promise<void> => {
      await claims.fenceBatch(manager, claim);
      const open = await outcomes.openPersons(manager, claim.batchId, claim.requestId);
      expect(open).toHaveLength(PERSONS);
      const collections = ['one', 'two'];
      const erased = open.flatMap(({ id }) =>
        collections.map((collection) => ({ person: id, collection, rows: 3 })),
      );
      await outcomes.addCounts(manager, claim.batchId, erased);
      await outcomes.settle(
        manager,
        claim.requestId,
        open.map(({ id }, index) => ({ person: id, ...ways[index % ways.length] })) as Outcome[],
      );
    };
    await inTransaction(dataSource, settings, null, work, { planOnce: true });
  }

  /** Rows of a table that were read by now. */
  async function rowsRead(): Promise<Readonly<Record<string, number>>> {
    // What a connection has read is told once a second at most, with the end of a transaction.
    await wait(1_100);
    await dataSource.query('SELECT pg_stat_force_next_flush()');
    await dataSource.query('SELECT 1');
    const rows = await db.run<{ name: string; rows: number }>(
      `SELECT relname AS name, (seq_tup_read + coalesce(idx_tup_fetch, 0))::int AS rows FROM pg_stat_user_tables
       WHERE schemaname = 'expunge'`,
    );
    return Object.fromEntries(rows.map((row) => [row.name, row.rows]));
  }

  it('read what is asked for and little else', async () => {
    const [claims, outcomes] = [new ClaimsRepository(dataSource, settings), new OutcomeRepository()];
    const before = await rowsRead();
    for (let time = 0; time < TIMES; time += 1) await erase(claims, outcomes);
    const after = await rowsRead();
    const [kept] = await dataSource.query<{ statements: number }[]>(
      'SELECT count(*)::int AS statements FROM pg_prepared_statements WHERE generic_plans > 0',
    );
    expect(kept?.statements).toBeGreaterThan(0);
    const read = (table: string): number => (after[table] ?? 0) - (before[table] ?? 0);
    expect(read('erasure_subjects')).toBeGreaterThanOrEqual(TIMES * PERSONS);
    for (const table of ['erasure_subjects', 'erasure_persons'])
      expect([table, read(table)]).toEqual([table, Math.min(read(table), 8 * TIMES * PERSONS)]);
    // Whatever is read of these is looked for by their keys.
    for (const table of ['erasure_requests', 'erasure_batches', 'erasure_counts'])
      expect([table, read(table)]).toEqual([table, Math.min(read(table), 20 * TIMES * PERSONS)]);
  });
});
