import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Platform } from '../support/platform.js';
import { type TestDatabase, testDatabase } from '../support/postgres.js';
import { redisUrl, uniquePrefix } from '../support/redis.js';
import { TestService } from '../support/service.js';

/** No sweep within the test: what is done was done because somebody was woken up. */
const NO_SWEEP = 3_600;

describe('work is found', () => {
  let db: TestDatabase;
  let url: string;
  const services: TestService[] = [];

  beforeEach(async () => {
    db = await testDatabase();
    url = await db.serviceUrl();
  });

  afterEach(async () => {
    for (const service of services.splice(0)) await service.stop();
    await db.drop();
  });

  async function start(overrides: Parameters<typeof TestService.start>[1]): Promise<TestService> {
    const service = await TestService.start(url, overrides);
    services.push(service);
    return service;
  }

  async function erasesThrough(api: TestService): Promise<void> {
    const platform = new Platform(db);
    const account = await platform.account();
    const bot = await platform.bot(account);
    const client = await api.client(account);
    for (let round = 0; round < 3; round += 1) {
      const people = [await platform.user(account), await platform.user(account)];
      for (const user of people) await platform.conversation(user, bot);
      const { status } = await client.eraseAndWait({ userIds: people, RemoveDataFromAllBots: true });
      expect(status).toBe('completed');
    }
    expect(await platform.count('messages')).toBe(0);
  }

  it('in one process without Redis, by its own wake-ups', async () => {
    await erasesThrough(await start({ sweepSeconds: NO_SWEEP, batchPersons: 1 }));
  });

  it('by a worker apart, woken up through Redis', async () => {
    const shared = {
      redisUrl: redisUrl(),
      redisPrefix: uniquePrefix(),
      sweepSeconds: NO_SWEEP,
      batchPersons: 1,
    };
    const api = await start({ ...shared, role: 'api' });
    await start({ ...api.settings, role: 'worker' });
    await erasesThrough(api);
  });

  it('by a worker apart without Redis, by its sweep', async () => {
    const api = await start({ role: 'api' });
    await start({ ...api.settings, role: 'worker', sweepSeconds: 1 });
    await erasesThrough(api);
  });

  it('while Redis is away, by the sweep', async () => {
    const away = { redisUrl: 'redis://127.0.0.1:1', redisTimeoutMs: 100 };
    await erasesThrough(await start({ ...away, sweepSeconds: 1 }));
  });

  it('by two workers at once, each batch by one of them', async () => {
    const shared = { redisUrl: redisUrl(), redisPrefix: uniquePrefix(), batchPersons: 1, chunkPersons: 1 };
    const api = await start({ ...shared, role: 'api' });
    await start({ ...api.settings, role: 'worker' });
    await start({ ...api.settings, role: 'worker' });
    await erasesThrough(api);
    const batches = await db.run<{ fence: string }>('SELECT fence FROM expunge.erasure_batches');
    expect(batches).toHaveLength(6);
    expect(new Set(batches.map(({ fence }) => fence))).toEqual(new Set(['1']));
  });
});
