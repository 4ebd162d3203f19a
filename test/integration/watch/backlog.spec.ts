import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BacklogMetrics } from '../../../src/erasure/watch/backlog-metrics.js';
import { BacklogRepository, MOST_COUNTED, statement } from '../../../src/erasure/watch/backlog.repository.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { Samples } from '../../support/samples.js';
import { testSettings } from '../../support/settings.js';

interface Made {
  readonly begin?: string;
  readonly due?: string;
  readonly status?: string;
  readonly planned?: boolean;
  readonly entry?: readonly [status: string, reason: string | null, on?: string];
}

describe('what operators see of the work', () => {
  let db: TestDatabase;

  beforeAll(async () => {
    db = await testDatabase({ platform: false });
  });
  beforeEach(() => db.run('DELETE FROM expunge.erasure_requests'));
  afterAll(() => db.drop());

  /** Times are SQL intervals from now. */
  async function request({
    begin = '0',
    due = '30 days',
    status = 'in-progress',
    planned = true,
    entry,
  }: Made): Promise<string> {
    const id = `eud-${randomUUID()}`;
    await db.run(
      `INSERT INTO expunge.erasure_requests (id, account_id, client_id, all_bots, bot_ids, received_on, due_on, not_before,
         created_on, last_updated_on, total, mac, status, settled_on, planned_on)
       VALUES ($1, 'a', 'c', true, '{}', now(), now() + $2::interval, now() + $3::interval, now(), now(), 1, '', $4,
         CASE WHEN $4 <> 'in-progress' THEN now() END, CASE WHEN $5 THEN now() END)`,
      [id, due, begin, status, planned],
    );
    if (entry)
      await db.run(
        `INSERT INTO expunge.erasure_subjects (request_id, position, entry, status, reason, last_updated_on)
         VALUES ($1, 0, '', $2, $3, now() + $4::interval)`,
        [id, entry[0], entry[1], entry[2] ?? '0'],
      );
    return id;
  }

  async function samples(): Promise<Samples> {
    const repository = new BacklogRepository(db.dataSource, testSettings());
    return Samples.from(await new BacklogMetrics(repository).text());
  }

  it('nothing to do: every number is there, and 0', async () => {
    const { text } = await samples();
    const told = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(told).toHaveLength(9);
    for (const line of told) expect(line).toMatch(/ 0$/);
  });

  it('requests that wait, from when they could have begun; not those that are to begin later, nor uploads', async () => {
    await request({ begin: '-30 minutes', planned: false });
    await request({ begin: '-2 hours' });
    await request({ begin: '3 days', planned: false });
    await request({ begin: '-2 hours', status: 'completed' });
    const uploading = await request({ begin: '-2 hours' });
    await db.run(`UPDATE expunge.erasure_requests SET status = 'uploading' WHERE id = $1`, [uploading]);
    const now = await samples();
    expect(now.value('expunge_requests_unsettled')).toBe(2);
    expect(now.value('expunge_requests_unsettled_for_an_hour')).toBe(1);
    expect(now.value('expunge_oldest_unsettled_request_seconds')).toBeGreaterThanOrEqual(7_200);
    expect(now.value('expunge_queue_depth', { work: 'planning' })).toBe(1);
  });

  it('batches that nobody has begun', async () => {
    const id = await request({});
    await db.run(
      `INSERT INTO expunge.erasure_batches (request_id, account_id, state, not_before, data_map_hash)
       SELECT $1, 'a', state, now() + wait::interval, 'h'
       FROM (VALUES ('WAITING', '0'), ('WAITING', '1 hour'), ('RUNNING', '0'), ('SETTLED', '0')) b (state, wait)`,
      [id],
    );
    expect((await samples()).value('expunge_queue_depth', { work: 'erasing' })).toBe(1);
  });

  it('people who are not erased and whose time is nearly, or just, over', async () => {
    await request({ due: '6 days', status: 'failed', entry: ['FAILED', 'STORE_REFUSED'] });
    await request({ due: '-6 days', status: 'partial', entry: ['PROTECTED', 'BOT_OWNER'] });
    await request({ due: '5 days', entry: ['FAILED', 'STORE_REFUSED'] });
    await request({ due: '8 days', status: 'failed', entry: ['FAILED', 'STORE_REFUSED'] });
    await request({ due: '-8 days', status: 'failed', entry: ['FAILED', 'STORE_REFUSED'] });
    await request({ due: '5 days', status: 'completed', entry: ['SUCCESS', null] });
    const now = await samples();
    expect(now.value('expunge_entries_not_erased_near_due', { status: 'FAILED' })).toBe(2);
    expect(now.value('expunge_entries_not_erased_near_due', { status: 'PROTECTED' })).toBe(1);
  });

  it('entries that are not what was accepted, for a day', async () => {
    await request({ status: 'failed', entry: ['FAILED', 'INTEGRITY', '-23 hours'] });
    await request({ status: 'failed', entry: ['FAILED', 'INTEGRITY', '-25 hours'] });
    await request({ status: 'failed', entry: ['FAILED', 'STORE_REFUSED'] });
    expect((await samples()).value('expunge_integrity_failures')).toBe(1);
  });

  it('reads indexes only, however many requests there are', async () => {
    await db.run(
      `INSERT INTO expunge.erasure_requests (id, account_id, client_id, all_bots, bot_ids, received_on, due_on, not_before,
         created_on, last_updated_on, total, mac, status, settled_on, planned_on)
       SELECT 'eud-' || n, 'a', 'c', true, '{}', now(), now() + make_interval(days => n % 300 - 250), now(), now(), now(), 1,
         '', CASE WHEN n % 20 = 0 THEN 'failed' ELSE 'completed' END, now(), now()
       FROM generate_series(1, 60000) n`,
    );
    await db.run(
      `INSERT INTO expunge.erasure_subjects (request_id, position, entry, status, reason, last_updated_on)
       SELECT id, p, '', CASE WHEN status = 'failed' AND p = 0 THEN 'FAILED' ELSE 'SUCCESS' END, NULL, now()
       FROM expunge.erasure_requests, generate_series(0, 1) p`,
    );
    await db.run(
      `INSERT INTO expunge.erasure_batches (request_id, account_id, state, not_before, data_map_hash)
       SELECT id, 'a', 'SETTLED', now(), 'h' FROM expunge.erasure_requests`,
    );
    await db.run('ANALYZE expunge.erasure_requests, expunge.erasure_subjects, expunge.erasure_batches');
    const plan = await db.run<{ 'QUERY PLAN': string }>(
      `EXPLAIN ${statement.replaceAll('$1', String(MOST_COUNTED))}`,
    );
    const text = plan.map((row) => row['QUERY PLAN']).join('\n');
    expect(text).not.toMatch(/Seq Scan on (?!pauses)/);
    for (const index of ['erasure_requests_open', 'erasure_requests_due', 'erasure_subjects_integrity'])
      expect(text).toContain(index);
  });
});
