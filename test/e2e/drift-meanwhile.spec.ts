import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type FaultPoint, watchFaultPoints } from '../../src/config/fault-points.js';
import { StoresService } from '../../src/stores/stores.service.js';
import { atFaultPoint } from '../support/at-fault-point.js';
import { eventually } from '../support/eventually.js';
import { Platform } from '../support/platform.js';
import { type TestDatabase, testDatabase } from '../support/postgres.js';
import { type TestClient, TestService } from '../support/service.js';

describe('a table that nobody has classified, seen while a request is worked on', () => {
  let db: TestDatabase;
  let platform: Platform;
  let service: TestService;
  let client: TestClient;
  let people: readonly string[];

  beforeEach(async () => {
    db = await testDatabase();
    platform = new Platform(db);
    service = await TestService.start(await db.serviceUrl(), {
      planPageEntries: 1,
      chunkRows: 1,
      chunkMs: 0,
      // Looks at the data map when the test says so, and as long as it does not fit.
      dataMapCheckSeconds: 3_600,
    });
    const account = await platform.account();
    const bot = await platform.bot(account);
    client = await service.client(account);
    people = await Promise.all(Array.from({ length: 5 }, () => platform.user(account)));
    for (const user of people) await platform.conversation(user, bot);
  });

  afterEach(async () => {
    watchFaultPoints(null);
    await service.stop();
    await db.drop();
  });

  async function drift(): Promise<void> {
    await db.run('CREATE TABLE platform.voice_notes (id bigint PRIMARY KEY, user_id text)');
    await service.get(StoresService).refresh();
  }

  /** Erases all of them; the table comes when the service gets to `at`. Returns when nobody works on them any more. */
  async function eraseUntil(at: FaultPoint): Promise<string> {
    const seen = atFaultPoint(at, drift);
    const requestId = await client.erase({ userIds: people, RemoveDataFromAllBots: true });
    await seen;
    await eventually('nobody works', async () => {
      const working = await db.run(
        `SELECT FROM expunge.erasure_requests WHERE worker IS NOT NULL
         UNION ALL SELECT FROM expunge.erasure_batches WHERE state = 'RUNNING'`,
      );
      return working.length === 0;
    });
    return requestId;
  }

  async function goesOn(requestId: string): Promise<void> {
    await db.run('DROP TABLE platform.voice_notes');
    const { counts } = await client.settled(requestId);
    expect(counts['SUCCESS']).toBe(people.length);
  }

  it('nobody else is looked up, whose rows may lie in it alone', async () => {
    const requestId = await eraseUntil('plan-page:after-commit');
    const [planned] = await db.run<{ entries: number }>(
      'SELECT count(*)::int AS entries FROM expunge.erasure_subjects WHERE planned_on IS NOT NULL',
    );
    // The page in hand, and the one that was being looked up meanwhile.
    expect(planned?.entries).toBeLessThanOrEqual(2);
    await goesOn(requestId);
  });

  it('nobody else is called erased', async () => {
    const requestId = await eraseUntil('erase-chunk:after-commit');
    expect((await client.report(requestId)).counts['SUCCESS'] ?? 0).toBe(0);
    expect(await platform.count('users', 'id = ANY ($1)', [people])).toBe(people.length);
    await goesOn(requestId);
  });
});
