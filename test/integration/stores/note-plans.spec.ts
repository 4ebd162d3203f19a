import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { type EntityManager } from 'typeorm';
import { type BatchClaim } from '../../../src/erasure/run/claim.js';
import { ClaimsRepository } from '../../../src/erasure/run/claims.repository.js';
import { checkStore } from '../../../src/stores/postgres/checks/check-store.js';
import { type CollectionPlan } from '../../../src/stores/postgres/plan/collection-plan.js';
import { PostgresStore } from '../../../src/stores/postgres/postgres-store.js';
import {
  type ReadBackPlace,
  readBackStatement,
} from '../../../src/stores/postgres/statements/read-back-statement.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { testSettings } from '../../support/settings.js';
import { StoreDriver } from '../../support/store-driver.js';
import { type Reading, reading, readingAfter } from './query-plan.js';
import { makeTables, notes } from './tables.js';

/** Of each batch and collection; half of them are one person's. */
const NOTES = 100_000;
const PERSONS = 100;
/** Of the last person, in one collection. */
const FEW = NOTES / 2 / PERSONS;
const PAGE = 500;
const AT_ONCE = 1_000;
/** Often enough for the server to keep a plan. */
const EXECUTIONS = 8;

/**
 * As the table is found: the statistics know nothing of it, all of it, or only that which was there before and was another
 * batch's.
 */
const statistics = ['none', 'new', 'old'] as const;

describe.each(statistics)('notes of overwritten rows, with %s statistics', (known) => {
  let db: TestDatabase;
  let client: Client;
  let driver: StoreDriver;
  let other: StoreDriver;
  let collection: CollectionPlan;

  beforeAll(async () => {
    db = await testDatabase();
    const { map } = await makeTables(
      db,
      notes,
      `notes:
  ties: [{ userId: user_id }]
  bot: bot_id
  erase: { overwrite: { user_id: null, body: null } }
  keep: [id, bot_id]`,
    );
    const store = new PostgresStore(map);
    driver = await StoreDriver.with(db, store);
    other = await StoreDriver.with(db, store);
    const { collections } = await driver.within((manager) => checkStore(manager, map));
    collection = collections[0] as CollectionPlan;
    await db.run('ALTER TABLE expunge.erasure_overwrites SET (autovacuum_enabled = false)');
    await fill(other.batchId);
    if (known === 'old') await db.run('ANALYZE expunge.erasure_overwrites');
    await fill(driver.batchId);
    if (known === 'new') await db.run('ANALYZE expunge.erasure_overwrites');
    client = new Client({ connectionString: db.url });
    await client.connect();
  });

  afterAll(async () => {
    await client.end();
    await db.drop();
  });

  async function fill(batchId: string): Promise<void> {
    await db.run(
      `INSERT INTO expunge.erasure_overwrites (batch_id, person_id, collection, row_key, expected)
       SELECT $1, CASE WHEN n % 2 = 0 THEN 1 ELSE 1 + n / 2 % $2::int END, c, jsonb_build_object('id', n::text), '{}'
       FROM generate_series(0, $3::int - 1) n CROSS JOIN unnest($4::text[]) c`,
      [batchId, PERSONS, NOTES, [collection.label, 'shop.others']],
    );
  }

  /** Inside a transaction as the service begins them; nothing of it stays. */
  async function undone<T>(work: () => Promise<T>): Promise<T> {
    await client.query('BEGIN; SET LOCAL enable_seqscan = off; SET LOCAL jit = off');
    try {
      return await work();
    } finally {
      await client.query('ROLLBACK');
    }
  }

  const everybody = Array.from({ length: PERSONS }, (_, n) => String(n + 1));
  const places: readonly (readonly [string, ReadBackPlace, number])[] = [
    ['of the one who has half of them', { persons: everybody, after: '0' }, PAGE],
    ['amid those of that one', { persons: everybody, after: String(3 * NOTES) }, PAGE],
    ['of others, a few each', { persons: everybody.slice(1, 11), after: '0' }, PAGE],
    ['of nobody', { persons: ['999999'], after: '0' }, 0],
  ];

  it.each(places)('are read back by page, and no others are read: %s', async (_, place, read) => {
    const statement = readBackStatement(collection, collection.overwrite ?? [], driver.batchId, place, PAGE);
    const found = await undone(() => reading(client, 'expunge', 'erasure_overwrites', statement));
    expect(found).toEqual({ indexes: ['erasure_overwrites_person'], rows: read });
    const kept = await undone(() =>
      readingAfter(client, 'expunge', 'erasure_overwrites', statement, EXECUTIONS),
    );
    expect(kept).toEqual(found);
  });

  /** What the statements about notes read that `work` sends. */
  async function readBy(
    work: (claims: ClaimsRepository, manager: EntityManager, claim: BatchClaim) => Promise<unknown>,
  ): Promise<readonly Reading[]> {
    const found: Reading[] = [];
    const query = async (text: string, parameters: readonly unknown[]): Promise<unknown> => {
      if (!text.includes('erasure_overwrites')) return [{ paused: false }];
      found.push(await reading(client, 'expunge', 'erasure_overwrites', { text, parameters }));
      return [];
    };
    const claims = new ClaimsRepository(db.dataSource, testSettings({ chunkRows: AT_ONCE }));
    const claim = { batchId: driver.batchId, fence: '1' } as BatchClaim;
    await undone(() => work(claims, { query } as unknown as EntityManager, claim));
    return found;
  }

  const amid = { collection: 'shop.others', person: '1', id: String(3 * NOTES) };

  it.each([
    ['first', null],
    ['next', amid],
  ])('are forgotten some at a time, and no others are read: the %s ones', async (_, after) => {
    const [step] = await readBy((claims, manager, claim) => claims.forgetNotes(manager, claim, after));
    expect(step?.indexes).toContain('erasure_overwrites_person');
    // Once to pick them, once to remove them.
    expect(step?.rows).toBe(2 * AT_ONCE);
  });

  it.each([
    ['too many are seen to be too many', null, AT_ONCE + 1],
    ['few go with the batch', { ...amid, person: String(PERSONS - 1), id: String(9 * NOTES) }, 2 * FEW],
  ])('of which %s, and no others are read', async (_, after, rows) => {
    const [settling] = await readBy((claims, manager, claim) => claims.settleBatch(manager, claim, after));
    expect(settling?.indexes).toContain('erasure_overwrites_person');
    expect(settling?.rows).toBe(rows);
  });
});
