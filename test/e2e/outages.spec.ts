import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { watchFaultPoints } from '../../src/config/fault-points.js';
import { DatabaseReadiness } from '../../src/http/ops/database.readiness.js';
import { eventually } from '../support/eventually.js';
import { Platform } from '../support/platform.js';
import { type TestDatabase, testDatabase } from '../support/postgres.js';
import { Relay } from '../support/relay.js';
import { type TestClient, TestService } from '../support/service.js';

describe('without its database', () => {
  let db: TestDatabase;
  let platform: Platform;
  let relay: Relay;
  let service: TestService;
  let account: string;
  let client: TestClient;

  beforeAll(async () => {
    db = await testDatabase();
    platform = new Platform(db);
    relay = await Relay.to(await db.serviceUrl());
    service = await TestService.start(relay.url);
    account = await platform.account();
    client = await service.client(account);
  });

  afterEach(() => {
    watchFaultPoints(null);
    relay.recover();
  });

  afterAll(async () => {
    await service.stop();
    await relay.close();
    await db.drop();
  });

  async function call(): Promise<object> {
    const user = await platform.user(account);
    await platform.conversation(user, null);
    return { userIds: [user], RemoveDataFromAllBots: true };
  }

  it('the API answers 503 while connections hang, and work goes on by itself once they do not', async () => {
    const accepted = await client.erase(await call());
    relay.hang();
    const answers = await Promise.all([client.send(await call()), client.status(accepted)]);
    for (const { status, headers, body } of answers) {
      expect(status).toBe(503);
      expect(headers.get('retry-after')).toMatch(/^\d+$/);
      expect(body).toMatchObject({ errors: [{ reason: 'UNAVAILABLE' }] });
    }
    relay.recover();
    await eventually('the API answers', async () => (await client.status(accepted)).status === 200);
    expect((await client.settled(accepted, 60_000)).counts).toEqual({ SUCCESS: 1 });
    expect((await client.eraseAndWait(await call())).first.status).toBe('SUCCESS');
  }, 120_000);

  it('a call whose COMMIT went through, but whose answer was lost, is accepted once', async () => {
    const body = await call();
    let lost = false;
    watchFaultPoints((at) => {
      if (at !== 'accept-alone:after-commit' || lost) return Promise.resolve();
      lost = true;
      return Promise.reject(Object.assign(new Error('lost'), { code: 'ECONNRESET' }));
    });
    const requestId = await client.erase(body);
    expect(lost).toBe(true);
    expect((await client.settled(requestId, 60_000)).counts).toEqual({ SUCCESS: 1 });
    const rows = await db.run('SELECT id FROM expunge.erasure_requests WHERE id = $1', [requestId]);
    expect(rows).toHaveLength(1);
  }, 120_000);

  it('a call whose transaction was lost before its COMMIT is written again, once', async () => {
    const before = await count();
    let lost = false;
    watchFaultPoints((at) => {
      if (at !== 'accept-alone:before-commit' || lost) return Promise.resolve();
      lost = true;
      return Promise.reject(Object.assign(new Error('lost'), { code: 'ECONNRESET' }));
    });
    const requestId = await client.erase(await call());
    expect(lost).toBe(true);
    expect(await count()).toBe(before + 1);
    expect((await client.settled(requestId, 60_000)).counts).toEqual({ SUCCESS: 1 });
  }, 120_000);

  it('a server that only reads is refused: nothing is accepted, nobody is failed, and it goes on afterwards', async () => {
    const role = decodeURIComponent(new URL(relay.url).username);
    const readOnly = async (value: string): Promise<void> => {
      await db.run(`ALTER ROLE ${role} SET default_transaction_read_only = ${value}`);
      await db.run('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [role]);
    };
    await readOnly('on');
    await eventually('nothing is accepted', async () => (await client.send(await call())).status === 503);
    await readOnly('off');
    await eventually('it is accepted again', async () => (await client.send(await call())).status === 200);
    expect((await client.eraseAndWait(await call())).first.status).toBe('SUCCESS');
  }, 120_000);

  async function count(): Promise<number> {
    return (await db.run('SELECT id FROM expunge.erasure_requests')).length;
  }
});

describe('an older schema', () => {
  it('is refused at the start, and is not ready', async () => {
    const db = await testDatabase();
    const service = await TestService.start(db.url, { role: 'api' });
    expect(await service.get(DatabaseReadiness).ready()).toBe(true);
    await db.run(`DELETE FROM expunge.migrations WHERE name LIKE 'WaitingBatches%'`);
    expect(await service.get(DatabaseReadiness).ready()).toBe(false);
    for (const role of ['api', 'worker', 'all'] as const)
      await expect(TestService.start(db.url, { role })).rejects.toThrow('expunge migrate');
    // A newer one has been expanded: an older version goes on working with it.
    await db.run(
      `INSERT INTO expunge.migrations (timestamp, name) VALUES (1764000000001, 'WaitingBatches1764000000001'), (9999999999999, 'Later9999999999999')`,
    );
    const older = await TestService.start(db.url, { role: 'api' });
    await older.stop();
    await service.stop();
    await db.drop();
  }, 60_000);
});
