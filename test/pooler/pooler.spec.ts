import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { migrate } from '../../src/database/migrate.js';
import { Pooler, SERVER_CONNECTIONS } from '../support/pooler.js';
import { Platform } from '../support/platform.js';
import { emptyDatabase, testDatabase } from '../support/postgres.js';
import { required } from '../support/redis.js';
import { TestService } from '../support/service.js';

// What these test they test here once more, with everything of theirs going through the pooler.
import '../e2e/erase.spec.js';
import '../e2e/who-must-stay.spec.js';
import '../integration/erasure/claims.spec.js';

/** What a connection remembers when a transaction is over; the pooler itself sets the five for each of its clients. */
const ofASession = `
  SELECT name AS what FROM pg_settings WHERE source = 'session' AND name <> ALL
    ('{application_name,client_encoding,DateStyle,standard_conforming_strings,TimeZone}')
  UNION ALL SELECT name FROM pg_prepared_statements
  UNION ALL SELECT pg_listening_channels()
  UNION ALL SELECT objid::text FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()
  UNION ALL SELECT relname FROM pg_class WHERE relpersistence = 't' AND pg_table_is_visible(oid)`;

let pooler: Pooler;
let before: number;

beforeAll(async () => {
  // It may have to be installed first.
  pooler = await Pooler.before(required('TEST_POSTGRES_URL'));
  process.env['TEST_POSTGRES_URL'] = pooler.url;
  before = await pooler.transactions();
}, 180_000);

afterAll(() => pooler.stop());

describe('a pooler in transaction mode', () => {
  it('has had all that was tested above, and its clients share connections', async () => {
    expect((await pooler.transactions()) - before).toBeGreaterThan(100);
    const database = await emptyDatabase();
    const clients = Array.from(
      { length: 3 * SERVER_CONNECTIONS },
      () => new Client({ connectionString: database.url }),
    );
    const backends = await Promise.all(
      clients.map(async (client) => {
        await client.connect();
        const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        return rows[0]?.pid;
      }),
    );
    expect(new Set(backends).size).toBeLessThanOrEqual(SERVER_CONNECTIONS);
    await Promise.all(clients.map((client) => client.end()));
    await database.drop();
  });

  it('leaves nothing of a session on the connections that others get after us', async () => {
    const database = await testDatabase();
    const platform = new Platform(database);
    const account = await platform.account();
    const jane = await platform.user(account);
    await platform.conversation(jane, null);
    const service = await TestService.start(await database.serviceUrl());
    const client = await service.client(account);
    const { first } = await client.eraseAndWait({ userIds: [jane], RemoveDataFromAllBots: true });
    expect(first.status).toBe('SUCCESS');
    // At once, each in a transaction: every connection that the service has used, while it still runs.
    const others = Array.from(
      { length: SERVER_CONNECTIONS },
      () => new Client({ connectionString: service.databaseUrl }),
    );
    const left: { what: string }[] = [];
    for (const other of others) {
      await other.connect();
      await other.query('BEGIN');
      left.push(...(await other.query<{ what: string }>(ofASession)).rows);
    }
    await Promise.all(others.map((other) => other.end()));
    await service.stop();
    expect(left).toEqual([]);
    await database.drop();
  });

  it('migrates: several at once wait for each other, and what ran does not run again', async () => {
    const database = await emptyDatabase();
    const address = { databaseUrl: database.url, databasePoolSize: 2 };
    const reports = await Promise.all([
      migrate(address, { samplePlatform: true }),
      migrate(address, { samplePlatform: true }),
    ]);
    expect(reports.map(({ expunge }) => expunge.length > 0).sort()).toEqual([false, true]);
    expect((await migrate(address, { samplePlatform: true })).expunge).toEqual([]);
    await database.drop();
  });
});
