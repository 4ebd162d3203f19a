import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EntityManager } from 'typeorm';
import { sql } from '../../../src/database/sql.js';
import { IntakeRepository, type NewRequest } from '../../../src/erasure/intake/intake.repository.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { testSettings } from '../../support/settings.js';

const ENTRIES = 50;

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

  it('reads none of the other requests, however few there were when the session began', async () => {
    await db.run('VACUUM ANALYZE expunge.erasure_requests');
    const page = Array.from({ length: ENTRIES }, (_, index) => Buffer.from(String(index)));
    for (let time = 0; time < 8; time += 1) {
      const request = newRequest();
      const reads = await intake.accept(request.id, async (manager) => {
        await intake.insert(manager, request, page);
        await intake.addEntries(manager, request.id, ENTRIES, page);
        return wholeReads(manager);
      });
      expect(reads).toBe(0);
    }
  });

  /** Of a length of its own, with all bytes that there are. */
  function entry(index: number): Buffer {
    return Buffer.from(Array.from({ length: index * 3 }, (_, at) => (index + at) % 256));
  }

  it('keeps the entries of all pages in the order sent', async () => {
    const request = newRequest();
    const pageOf = (from: number): Buffer[] =>
      Array.from({ length: ENTRIES }, (_, index) => entry(from + index));
    await intake.accept(request.id, async (manager) => {
      await intake.insert(manager, request, pageOf(0));
      await intake.addEntries(manager, request.id, ENTRIES, pageOf(ENTRIES));
    });
    const rows = await db.run<{ position: number; entry: Buffer }>(
      'SELECT position, entry FROM expunge.erasure_subjects WHERE request_id = $1 ORDER BY position',
      [request.id],
    );
    expect(rows).toEqual(
      Array.from({ length: 2 * ENTRIES }, (_, index) => ({ position: index, entry: entry(index) })),
    );
  });
});
