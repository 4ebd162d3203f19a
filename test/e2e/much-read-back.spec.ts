import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { watchFaultPoints } from '../../src/config/fault-points.js';
import { Platform } from '../support/platform.js';
import { type TestDatabase, testDatabase } from '../support/postgres.js';
import { type TestClient, TestService } from '../support/service.js';

/** More than two statements read back. */
const EVENTS = 25_000;

describe('a person of whom very many rows are overwritten', () => {
  let db: TestDatabase;
  let service: TestService;
  let client: TestClient;
  let platform: Platform;
  let account: string;
  let bot: string;

  beforeAll(async () => {
    db = await testDatabase();
    // Whatever a transaction begins with, its time is over then.
    service = await TestService.start(await db.serviceUrl(), { chunkMs: 0, probeRounds: 1 });
    platform = new Platform(db);
    account = await platform.account();
    bot = await platform.bot(account);
    client = await service.client(account);
  });

  afterEach(() => {
    watchFaultPoints(null);
  });

  afterAll(async () => {
    await service.stop();
    await db.drop();
  });

  /** Somebody with all these events. @returns their id, and the events' in the order in which they are overwritten */
  async function seen(): Promise<{ readonly user: string; readonly events: readonly string[] }> {
    const user = await platform.user(account);
    const events = await db.run<{ id: string }>(
      `INSERT INTO platform.analytics_events (bot_id, user_id, event)
       SELECT $1, $2, 'seen' FROM generate_series(1, $3::int) RETURNING id::text`,
      [bot, user, EVENTS],
    );
    return { user, events: events.map(({ id }) => id) };
  }

  /** Erases the user. @returns how it ended, and the transactions that looked what was left */
  async function erase(user: string, beforeReadBack: () => Promise<unknown>): Promise<object> {
    let [probes, prepared] = [0, false];
    watchFaultPoints(async (at) => {
      if (at === 'probe-records:after-commit') probes += 1;
      if (at !== 'records:erased' || prepared) return;
      prepared = true;
      await beforeReadBack();
    });
    const { response } = await client.eraseAndWait({ userIds: [user], RemoveDataFromAllBots: true });
    const [{ status, reason } = { status: null, reason: null }] = response;
    return { status, reason: reason ?? null, probes };
  }

  it('is read back in several transactions, none of which goes on when its time is over', async () => {
    const { user } = await seen();
    expect(await erase(user, () => Promise.resolve())).toEqual({
      status: 'SUCCESS',
      reason: null,
      probes: 3,
    });
  });

  it.each([
    ['first', 0],
    ['last', EVENTS - 1],
  ])('is not erased where the %s row of all holds something else', async (_, index) => {
    const { user, events } = await seen();
    const ended = await erase(user, () =>
      db.run(`UPDATE platform.analytics_events SET ip_address = '192.0.2.1' WHERE id = $1`, [events[index]]),
    );
    expect(ended).toEqual({ status: 'FAILED', reason: 'DATA_REMAINS', probes: 3 });
  });
});
