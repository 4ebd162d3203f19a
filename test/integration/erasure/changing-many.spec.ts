import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CancellationService } from '../../../src/erasure/lifecycle/cancellation.service.js';
import { RetryService } from '../../../src/erasure/lifecycle/retry.service.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { TestService } from '../../support/service.js';

const ENTRIES = 6_500;
const BATCH = 500;
const PAGE = 1_000;
const actor = { accountId: 'a', name: 'c' };

describe('a request of many entries', () => {
  let db: TestDatabase;
  let api: TestService;
  let id: string;

  beforeAll(async () => {
    db = await testDatabase();
    api = await TestService.start(await db.serviceUrl(), { role: 'api', planPageEntries: PAGE });
  });

  beforeEach(() => {
    id = `eud-${randomUUID()}`;
  });

  afterAll(async () => {
    await api.stop();
    await db.drop();
  });

  /** The last third of the entries means nobody yet. */
  async function seed(status: 'PENDING' | 'FAILED'): Promise<void> {
    const open = status === 'PENDING';
    await db.run(
      `INSERT INTO expunge.erasure_requests (id, account_id, client_id, status, all_bots, bot_ids, received_on, due_on,
         not_before, created_on, last_updated_on, total, mac, planned_on, settled_on)
       VALUES ($1, 'a', 'c', $3, true, '{}', now(), now(), now(), now(), now(), $2, '', now(), $4)`,
      [id, ENTRIES, open ? 'in-progress' : 'failed', open ? null : new Date()],
    );
    const planned = Math.floor((ENTRIES * 2) / 3);
    const batches = await db.run<{ id: string }>(
      `INSERT INTO expunge.erasure_batches (request_id, account_id, not_before, data_map_hash, state)
       SELECT $1, 'a', now(), 'h', $2 FROM generate_series(1, $3::int) RETURNING id`,
      [id, open ? 'WAITING' : 'SETTLED', Math.ceil(planned / BATCH)],
    );
    await db.run(
      `INSERT INTO expunge.erasure_persons (request_id, batch_id, person_hash, key_set, key_hashes, first_position, status)
       SELECT $1, ($2::bigint[])[1 + n / ${BATCH}], n::text::bytea, '', '{}', n, $3 FROM generate_series(0, $4::int - 1) n`,
      [id, batches.map((batch) => batch.id), status, planned],
    );
    await db.run(
      `INSERT INTO expunge.erasure_subjects (request_id, position, entry, status, person_id, last_updated_on)
       SELECT $1, n, '', CASE WHEN $3 = 'FAILED' AND p.id IS NULL THEN 'AMBIGUOUS' ELSE $3 END, p.id, now()
       FROM generate_series(0, $2::int - 1) n
         LEFT JOIN expunge.erasure_persons p ON p.request_id = $1 AND p.first_position = n`,
      [id, ENTRIES, status],
    );
  }

  /** Rows of a table by status; and the most that one transaction wrote of them. */
  async function rows(
    table: 'erasure_subjects' | 'erasure_persons',
  ): Promise<{ counts: unknown; most: number }> {
    const [row] = await db.run<{ counts: unknown; most: number }>(
      `SELECT (SELECT jsonb_object_agg(status, n) FROM (
                 SELECT status, count(*) AS n FROM expunge.${table} WHERE request_id = $1 GROUP BY status) s) AS counts,
              (SELECT max(n)::int FROM (
                 SELECT count(*) AS n FROM expunge.${table} WHERE request_id = $1 GROUP BY xmin) t) AS most`,
      [id],
    );
    return row ?? { counts: null, most: 0 };
  }

  const persons = Math.floor((ENTRIES * 2) / 3);

  it('is cancelled whole, some entries in a transaction', async () => {
    await seed('PENDING');
    const done = await api.get(CancellationService).cancel(id, actor);
    expect(done).toEqual({ is: 'CANCELLED', entries: ENTRIES, inProgress: 0 });
    expect(await rows('erasure_subjects')).toEqual({ counts: { CANCELLED: ENTRIES }, most: PAGE });
    expect(await rows('erasure_persons')).toEqual({ counts: { CANCELLED: persons }, most: PAGE });
    const left = await db.run(
      `SELECT state AS left FROM expunge.erasure_batches WHERE request_id = $1 AND state <> 'SETTLED'
       UNION ALL SELECT status FROM expunge.erasure_requests WHERE id = $1 AND (status <> 'cancelled' OR changing IS NOT NULL)`,
      [id],
    );
    expect(left).toEqual([]);
  });

  it('is opened for another round whole, some entries in a transaction', async () => {
    await seed('FAILED');
    const done = await api.get(RetryService).retry(id, actor);
    expect(done).toEqual({ is: 'OPENED', entries: ENTRIES, round: 2 });
    expect(await rows('erasure_subjects')).toEqual({ counts: { PENDING: ENTRIES }, most: PAGE });
    expect(await rows('erasure_persons')).toEqual({ counts: { PENDING: persons }, most: PAGE });
    const attempts = await db.run(
      `SELECT status, round, count(*)::int AS entries FROM expunge.erasure_attempts WHERE request_id = $1
       GROUP BY status, round ORDER BY status`,
      [id],
    );
    expect(attempts).toEqual([
      { status: 'AMBIGUOUS', round: 1, entries: ENTRIES - persons },
      { status: 'FAILED', round: 1, entries: persons },
    ]);
    const again = await api.get(RetryService).retry(id, actor);
    expect(again).toEqual({ is: 'IN_PROGRESS' });
  });
});
