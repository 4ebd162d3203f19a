import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ClaimsRepository } from '../../../src/erasure/run/claims.repository.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { testSettings } from '../../support/settings.js';

const settings = testSettings();

describe('turns of the accounts', () => {
  let db: TestDatabase;
  let claims: ClaimsRepository;

  beforeAll(async () => {
    db = await testDatabase({ platform: false });
    claims = new ClaimsRepository(db.dataSource, settings);
  });

  beforeEach(async () => {
    await db.run('DELETE FROM expunge.erasure_requests');
    await db.run('DELETE FROM expunge.erasure_turns');
  });

  afterAll(() => db.drop());

  /** Requests that wait for being planned, each a second younger than the one before. */
  async function requests(account: string, number: number, age = '1 hour'): Promise<void> {
    await db.run(
      `INSERT INTO expunge.erasure_requests (id, account_id, client_id, all_bots, bot_ids, received_on, due_on, not_before,
         created_on, last_updated_on, total, mac)
       SELECT 'eud-' || gen_random_uuid(), $1, 'c', true, '{}', now(), now(),
              now() - $3::interval + make_interval(secs => n), now(), now(), 1, ''
       FROM generate_series(1, $2::int) n`,
      [account, number, age],
    );
  }

  /** A planned request with batches that wait, each a second younger than the one before. */
  async function batches(account: string, number: number, map = 'h', age = '1 hour'): Promise<void> {
    const id = `eud-${randomUUID()}`;
    await db.run(
      `INSERT INTO expunge.erasure_requests (id, account_id, client_id, all_bots, bot_ids, received_on, due_on, not_before,
         created_on, last_updated_on, total, mac, planned_on)
       VALUES ($1, $2, 'c', true, '{}', now(), now(), now(), now(), now(), 1, '', now())`,
      [id, account],
    );
    await db.run(
      `INSERT INTO expunge.erasure_batches (request_id, account_id, not_before, data_map_hash)
       SELECT $1, $2, now() - $5::interval + make_interval(secs => n), $4 FROM generate_series(1, $3::int) n`,
      [id, account, number, map, age],
    );
  }

  /** Accounts in the order in which their work is handed out, by workers of which each is a process of its own. */
  async function order(kind: 'batches' | 'plans', number: number): Promise<string[]> {
    const found: string[] = [];
    for (let n = 0; n < number; n += 1) {
      const worker = new ClaimsRepository(db.dataSource, settings);
      const claim = await (kind === 'plans' ? worker.claimPlanning('w') : worker.claimBatch('w', 'h'));
      found.push(claim?.accountId ?? 'nobody');
    }
    return found;
  }

  it.each(['batches', 'plans'] as const)(
    '%s are handed out round-robin, to whichever process',
    async (kind) => {
      const add = kind === 'batches' ? batches : requests;
      await add('a', 40);
      await add('b', 3);
      await add('c', 2);
      expect(await order(kind, 8)).toEqual(['a', 'b', 'c', 'a', 'b', 'c', 'a', 'b']);
      expect(await order(kind, 2)).toEqual(['a', 'a']);
    },
  );

  it.each(['batches', 'plans'] as const)('%s of an account that comes new are next', async (kind) => {
    const add = kind === 'batches' ? batches : requests;
    await add('a', 1_000);
    await add('b', 1_000);
    await order(kind, 3);
    await add('z', 1);
    expect(await order(kind, 2)).toEqual(['z', 'b']);
  });

  it('within an account the oldest comes first', async () => {
    await batches('a', 3);
    const ids = (
      await db.run<{ id: string }>('SELECT id FROM expunge.erasure_batches ORDER BY not_before')
    ).map(({ id }) => id);
    const claimed: (string | undefined)[] = [];
    while (claimed.length < ids.length) claimed.push((await claims.claimBatch('w', 'h'))?.batchId);
    expect(claimed).toEqual(ids);
  });

  it('what a dead worker left comes before all that waits, whoever it is of', async () => {
    await batches('a', 1);
    const left = await claims.claimBatch('dead', 'h');
    await batches('b', 5, 'h', '1 day');
    await db.run(
      `UPDATE expunge.erasure_batches SET lease_until = now() - interval '1 s' WHERE state = 'RUNNING'`,
    );
    expect((await claims.claimBatch('w', 'h'))?.batchId).toBe(left?.batchId);
  });

  it('what a dead worker left ends the turn of whoever is at work, whoever it is of', async () => {
    await batches('a', 2);
    await requests('a', 1);
    const leaseEnds = (table: string): Promise<unknown> =>
      db.run(`UPDATE expunge.${table} SET lease_until = now() - interval '1 s' WHERE worker = 'dead'`);
    for (const [claim, table] of [
      [() => claims.claimBatch('dead', 'h'), 'erasure_batches'],
      [() => claims.claimPlanning('dead'), 'erasure_requests'],
    ] as const) {
      await claim();
      expect(await claims.othersWait('a', 'h')).toBe(false);
      await leaseEnds(table);
      expect(await claims.othersWait('a', 'h')).toBe(true);
      await db.run(`UPDATE expunge.${table} SET lease_until = now() + interval '1 h' WHERE worker = 'dead'`);
    }
  });

  it('an account whose work waits for later keeps nobody waiting', async () => {
    await batches('a', 1_000, 'h', '-1 hour');
    await requests('a', 1_000, '-1 hour');
    await db.run(
      `UPDATE expunge.erasure_requests SET lease_until = now() + interval '1 minute' WHERE account_id = 'a'`,
    );
    await batches('z', 1);
    await requests('z', 1);
    expect(await order('batches', 2)).toEqual(['z', 'nobody']);
    expect(await order('plans', 2)).toEqual(['z', 'nobody']);
  });

  it('one that was lost behind a thousand that others hold is found', async () => {
    await batches('a', 1_001);
    await requests('a', 1_001);
    const last = `SELECT id FROM expunge.%T ORDER BY not_before DESC, id DESC LIMIT 1`;
    await db.run(
      `UPDATE expunge.erasure_batches SET state = 'RUNNING', worker = 'other', lease_until = now() + interval '1 hour'
       WHERE id <> (${last.replace('%T', 'erasure_batches')})`,
    );
    await db.run(
      `UPDATE expunge.erasure_requests SET worker = 'other', lease_until = now() + interval '1 hour'
       WHERE planned_on IS NULL AND id <> (${last.replace('%T', 'erasure_requests WHERE planned_on IS NULL')})`,
    );
    expect(await order('batches', 2)).toEqual(['a', 'nobody']);
    expect(await order('plans', 2)).toEqual(['a', 'nobody']);
  });

  it('a batch that was cut by another data map is nobody’s but those who know that map', async () => {
    await batches('a', 2, 'other');
    await batches('b', 1);
    expect(await order('batches', 2)).toEqual(['b', 'nobody']);
    expect((await claims.claimBatch('w', 'other'))?.accountId).toBe('a');
    await db.run(
      `UPDATE expunge.erasure_batches SET lease_until = now() - interval '1 s' WHERE data_map_hash = 'other'`,
    );
    expect(await order('batches', 1)).toEqual(['nobody']);
  });

  it('are taken by many at once without waiting for each other, each batch once', async () => {
    await batches('a', 30);
    const found = await Promise.all(Array.from({ length: 8 }, () => claims.claimBatch('w', 'h')));
    const ids = found.flatMap((claim) => (claim ? [claim.batchId] : []));
    expect(new Set(ids).size).toBe(8);
  });

  it('are found by indexes, however much is waiting or settled', async () => {
    for (let n = 0; n < 20; n += 1) await batches(`account ${n}`, 500);
    await db.run(`UPDATE expunge.erasure_batches SET state = 'SETTLED' WHERE id % 3 > 0`);
    for (let n = 0; n < 20; n += 1) await requests(`account ${n}`, 200);
    await db.run('ANALYZE expunge.erasure_batches, expunge.erasure_requests');
    const plans: string[] = [];
    const runner = db.dataSource.createQueryRunner();
    const query = async (text: string, parameters?: unknown[]): Promise<unknown> => {
      if (!text.startsWith('WITH RECURSIVE')) return runner.query(text, parameters);
      const rows = (await runner.query(`EXPLAIN ${text}`, parameters)) as { 'QUERY PLAN': string }[];
      plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
      return [];
    };
    const explained = {
      driver: db.dataSource.driver,
      createQueryRunner: () => ({ manager: { query }, query, release: () => undefined }),
    };
    const here = new ClaimsRepository(explained as never, settings);
    await here.claimBatch('w', 'h');
    await here.claimPlanning('w');
    await runner.release();
    expect(plans).toHaveLength(2);
    for (const plan of plans) expect(plan).not.toMatch(/Seq Scan on erasure_(batches|requests)/);
    expect(plans[0]).toContain('erasure_batches_in_turn');
    expect(plans[1]).toContain('erasure_requests_in_turn');
  });
});
