import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { type TestDatabase, testDatabase } from '../support/postgres.js';
import { TestService } from '../support/service.js';
import { Platform } from '../support/platform.js';

const PEOPLE = 10_000;
/** How long it may take on a machine that is busy with other things; no measure of speed. */
const WITHIN_MS = 900_000;

describe('10,000 ids in one call', () => {
  let db: TestDatabase;
  let api: TestService;
  let worker: TestService;

  beforeAll(async () => {
    db = await testDatabase();
    // Apart, so that what one does is not counted as the other's.
    const url = await db.serviceUrl();
    api = await TestService.start(url, { role: 'api' });
    // A slow machine would cut the work by time, and count the cuts.
    const { masterKey } = api.settings;
    worker = await TestService.start(url, { role: 'worker', masterKey, pace: 'full', chunkMs: 1_500 });
  });

  afterAll(async () => {
    await worker.stop();
    await api.stop();
    await db.drop();
  });

  it('are accepted and settled without a statement per id', async () => {
    const platform = new Platform(db);
    const account = await platform.account();
    const bot = await platform.bot(account);
    await db.run(
      `INSERT INTO platform.users (id, account_id, email)
       SELECT 'u-' || n, $1, 'p' || n || '@example.com' FROM generate_series(1, $2::int) n`,
      [account, PEOPLE],
    );
    await db.run(
      `INSERT INTO platform.user_identities (user_id, channel_id, channel_user_id)
       SELECT 'u-' || n, 'web', 'w-' || n FROM generate_series(1, $1::int) n`,
      [PEOPLE],
    );
    await db.run(
      `INSERT INTO platform.messages (id, bot_id, user_id) SELECT 'm-' || n || '-' || k, $1, 'u-' || n
       FROM generate_series(1, $2::int) n, generate_series(1, 2) k`,
      [bot, PEOPLE],
    );
    await db.run('ANALYZE');
    const client = await api.client(account);
    const accepted = countStatements(api);
    const worked = countStatements(worker);
    // Every second by email, some unknown.
    const userIds = Array.from({ length: PEOPLE }, (_, n) =>
      n % 100 === 0 ? `nobody-${n}` : n % 2 === 0 ? `u-${n + 1}` : `P${n + 1}@EXAMPLE.COM`,
    );
    const requestId = await client.erase({ userIds, RemoveDataFromAllBots: true });
    const accepting = accepted();
    const status = await client.settled(requestId, WITHIN_MS);
    expect(status.counts).toEqual({ SUCCESS: 9_900, NOT_FOUND: 100 });
    expect(status.erased).toEqual({
      'platform.messages': 19_800,
      'platform.user_identities': 9_900,
      'platform.users': 9_900,
    });
    expect(status.response).toHaveLength(PEOPLE);
    expect(await platform.count('messages')).toBe(200);
    expect(accepting).toBeGreaterThan(3);
    expect(accepting).toBeLessThan(20);
    // Per page of entries and per group of persons a fixed number, times what a busy machine makes of it: fewer than ids.
    expect(worked()).toBeGreaterThan(PEOPLE / 1_000);
    expect(worked()).toBeLessThan(PEOPLE);
  }, 960_000);
});

/** @returns how many statements the service has run since */
function countStatements(service: TestService): () => number {
  let statements = 0;
  Object.assign(service.get(DataSource).logger, {
    logQuery: () => {
      statements += 1;
    },
  });
  return () => statements;
}
