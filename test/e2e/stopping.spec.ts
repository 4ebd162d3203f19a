import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../../src/database/embedded/connection.js';
import { BuiltCommand } from '../support/built-command.js';
import { Platform } from '../support/platform.js';
import { type TestDatabase, testDatabase } from '../support/postgres.js';
import { redisUrl, uniquePrefix } from '../support/redis.js';
import { clientOf, ServedProcess } from '../support/served-process.js';
import { TestClient, TestService } from '../support/service.js';
import { ERASE } from '../support/wire.js';

interface Begun {
  readonly requestId: string;
  readonly people: readonly string[];
}

const givenBack = { state: 'WAITING', worker: null, lease_until: null };

/** What the service promises. */
const STOPS_WITHIN_MS = 10_000;

describe('a process that is told to stop', () => {
  let command: BuiltCommand;
  let db: TestDatabase;
  let platform: Platform;
  let env: Record<string, string>;
  let client: TestClient;
  const masterKey = randomBytes(32);
  let account: string;

  beforeAll(async () => {
    command = await BuiltCommand.build();
    db = await testDatabase();
    platform = new Platform(db);
    account = await platform.account();
    env = {
      DATABASE_URL: await db.serviceUrl(),
      REDIS_URL: redisUrl(),
      EXPUNGE_REDIS_PREFIX: uniquePrefix(),
      EXPUNGE_MASTER_KEY: masterKey.toString('base64'),
      EXPUNGE_LOG_LEVEL: 'warn',
      EXPUNGE_RATE_LIMIT_PER_MINUTE: '0',
      EXPUNGE_DRAIN_SECONDS: '2',
    };
    client = await clientOf(command, env, account, '');
  });
  afterAll(async () => {
    await command.remove();
    await db.drop();
  });

  /** As it erases, a chunk a row: it takes long. */
  const slowly = { EXPUNGE_CHUNK_ROWS: '1', EXPUNGE_CHUNK_PERSONS: '1', EXPUNGE_BATCH_PERSONS: '1000' };

  const at = ({ url }: { readonly url: string }): TestClient =>
    new TestClient(url, client.token, client.clientId, client.clientSecret);

  /** Accepted, and some of it erased. */
  async function begun(service: ServedProcess): Promise<Begun> {
    const people: string[] = [];
    for (let n = 0; n < 12; n += 1) people.push(await platform.user(account));
    for (const user of people) await platform.conversation(user, null);
    const requestId = await at(service).erase({ userIds: people, RemoveDataFromAllBots: true });
    await at(service).until(requestId, ({ erased }) => Object.keys(erased).length > 0);
    return { requestId, people };
  }

  /** By another process of the service: here, by this one. */
  async function settledElsewhere({ requestId, people }: Begun): Promise<void> {
    const other = await TestService.start(env['DATABASE_URL'] ?? '', { masterKey });
    try {
      expect((await at(other).settled(requestId)).counts).toEqual({ SUCCESS: people.length });
    } finally {
      await other.stop();
    }
    for (const table of ['messages', 'feedback', 'users'])
      expect(
        await platform.count(table, `${table === 'users' ? 'id' : 'user_id'} = ANY ($1)`, [people]),
      ).toBe(0);
  }

  async function unsettledBatches(): Promise<readonly unknown[]> {
    return db.run(
      `SELECT state, worker, lease_until FROM expunge.erasure_batches WHERE state <> 'SETTLED' ORDER BY id`,
    );
  }

  it('is red at once, gives its work back, answers for a while, waits for nobody who hangs, and ends with 0', async () => {
    const service = await ServedProcess.start(command, { ...env, ...slowly });
    const work = await begun(service);
    const late = await platform.user(account);
    const kept = new Agent({ keepAlive: true, maxSockets: 1 });
    expect((await overKept(kept, `${service.url}/health/live`)).connection).toBe('keep-alive');
    const { hostname, port } = new URL(service.url);
    const hanging = connect(Number(port), hostname);
    const cut = once(hanging, 'close');
    hanging.on('error', () => undefined);
    hanging.write(
      `POST ${ERASE} HTTP/1.1\r\nHost: x\r\nauth: ${client.token}\r\n` +
        'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"userIds"',
    );

    const told = performance.now();
    service.signal('SIGTERM');
    const ready = await until(`${service.url}/health/ready`, 503);
    expect(ready).toMatchObject({ details: [{ field: 'process', problem: 'not ready' }] });
    // Before anything is closed: the answers below still come.
    while (!isDeepStrictEqual(await unsettledBatches(), [givenBack]));
    expect((await overKept(kept, `${service.url}/health/live`)).connection).toBe('close');
    const accepted = await at(service).call<{ requestId: string }>('DELETE', ERASE, {
      userIds: [late],
      RemoveDataFromAllBots: true,
    });
    expect({ status: accepted.status, connection: accepted.headers.get('connection') }).toEqual({
      status: 200,
      connection: 'close',
    });

    expect(await service.ended).toEqual({ status: 0, signal: null });
    expect(performance.now() - told).toBeLessThan(STOPS_WITHIN_MS);
    expect(service.log).toBe('');
    await cut;
    kept.destroy();
    await settledElsewhere(work);
    await settledElsewhere({ requestId: accepted.body.requestId, people: [late] });
  });

  it('as a worker, is red for its operators, gives its work back and ends with 0', async () => {
    const api = await ServedProcess.start(command, {
      ...env,
      EXPUNGE_ROLE: 'api',
      EXPUNGE_DRAIN_SECONDS: '0',
    });
    const opsPort = await freePort(0);
    const worker = await ServedProcess.start(command, {
      ...{ ...env, ...slowly, EXPUNGE_ROLE: 'worker' },
      EXPUNGE_OPS_PORT: String(opsPort),
    });
    await until(`http://127.0.0.1:${opsPort}/health/ready`, 200);
    const work = await begun(api);
    const told = performance.now();
    worker.signal('SIGTERM');
    expect(await worker.ended).toEqual({ status: 0, signal: null });
    expect(performance.now() - told).toBeLessThan(STOPS_WITHIN_MS);
    expect(worker.log).toBe('');
    expect(await unsettledBatches()).toEqual([givenBack]);
    await settledElsewhere(work);
    api.signal('SIGTERM');
    expect((await api.ended).status).toBe(0);
  });

  it.each([
    ['twice', ['SIGTERM', 'SIGTERM'], 'SIGTERM'],
    ['by SIGKILL', ['SIGKILL'], 'SIGKILL'],
  ] as const)('%s, ends at once, and another takes over', async (_how, signals, signal) => {
    const service = await ServedProcess.start(command, { ...env, ...slowly, EXPUNGE_DRAIN_SECONDS: '60' });
    const work = await begun(service);
    for (const one of signals) {
      service.signal(one);
      // The first one has been heard: two that arrive together count as one.
      if (one === 'SIGTERM') await until(`${service.url}/health/ready`, 503).catch(() => undefined);
    }
    expect(await service.ended).toEqual({ status: null, signal });
    await settledElsewhere(work);
  });
});

/** The first error told with this status. */
async function until(url: string, status: number): Promise<unknown> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const response = await fetch(url);
    const body = (await response.json()) as { errors?: unknown[] };
    if (response.status === status) return body.errors?.[0];
    if (Date.now() > deadline) throw new Error(`never answered ${status}`);
  }
}

async function overKept(agent: Agent, url: string): Promise<{ connection: string | undefined }> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      response.resume().on('end', () => {
        resolve({ connection: response.headers.connection });
      });
    }).on('error', reject);
  });
}
