import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { type EntityManager } from 'typeorm';
import { loadDataMap } from '../../../src/stores/data-map/load-data-map.js';
import { PostgresStore } from '../../../src/stores/postgres/postgres-store.js';
import { type Statement } from '../../../src/stores/postgres/statements/statement.js';
import { MembershipsService } from '../../../src/users/memberships.service.js';
import { UserDirectoryService } from '../../../src/users/user-directory.service.js';
import { type UserReference } from '../../../src/users/user-reference.js';
import { UserResolutionService } from '../../../src/users/user-resolution.service.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { blindEffort, effort, scans, scansAfter } from '../stores/query-plan.js';

const users = 300_000;
/** The others are empty, and an empty table may be read as one likes. */
const large = ['users', 'user_identities', 'account_members', 'messages'].map((table) => `Seq Scan ${table}`);
const pages: Record<string, number> = { 'a few entries': 10, 'a page': 1_000 };

describe('the statements that plan a page, on a platform of 300,000 users', () => {
  let db: TestDatabase;
  let client: Client;

  beforeAll(async () => {
    db = await testDatabase();
    // All in one session that takes it on trust that rows fit each other: to look for each would take most of the time.
    await db.dataSource.query(
      [
        'SET session_replication_role = replica',
        `INSERT INTO platform.accounts (id, name) VALUES ('a', 'a'), ('z', 'z')`,
        `INSERT INTO platform.bots (id, account_id, name) SELECT 'st-' || n, 'a', 'bot' FROM generate_series(0, 9) n`,
        `INSERT INTO platform.users (id, account_id, email, enterprise_id)
       SELECT 'u-' || n, CASE WHEN n % 10 = 0 THEN 'z' ELSE 'a' END, 'p' || n || '@example.com', 'E-' || n
       FROM generate_series(1, ${users}) n`,
        `INSERT INTO platform.user_identities (user_id, channel_id, channel_user_id)
       SELECT 'u-' || n, 'web', 'w-' || n FROM generate_series(1, ${users}) n`,
        `INSERT INTO platform.user_identities (user_id, channel_id, channel_user_id, bot_id)
       SELECT 'u-' || n, 'kiosk', 'everybody', 'st-' || n % 10 FROM generate_series(200_001, 250_000) n`,
        `INSERT INTO platform.user_identities (user_id, channel_id, channel_user_id, bot_id)
       SELECT 'u-1', 'kiosk', 'own', 'st-' || n FROM generate_series(0, 9) n`,
        `INSERT INTO platform.account_members (account_id, user_id, role)
       SELECT 'a', 'u-' || n * 10 + 1, 'member' FROM generate_series(1, 20_000) n`,
        `INSERT INTO platform.messages (id, bot_id, user_id, channel_id, channel_user_id)
       SELECT 'm-' || n, 'st-' || n % 10, 'u-' || n, 'web', 'w-' || n FROM generate_series(1, ${users}) n`,
        'RESET session_replication_role',
        'ANALYZE',
      ].join(';'),
    );
    client = new Client({ connectionString: db.url });
    await client.connect();
  });

  afterAll(async () => {
    await client.end();
    await db.drop();
  });

  /** What `work` asks the database. */
  async function asked(work: (manager: EntityManager) => Promise<unknown>): Promise<readonly Statement[]> {
    const statements: Statement[] = [];
    const { manager } = db.dataSource;
    const listening = {
      query: (text: string, parameters: unknown[] = []) => {
        statements.push({ text, parameters });
        return manager.query<unknown>(text, parameters);
      },
    };
    await work(listening as EntityManager);
    return statements;
  }

  const references = (count: number): readonly UserReference[] =>
    Array.from({ length: count }, (_, n): UserReference => {
      if (n % 4 === 0) return { kind: 'any', value: `u-${n}`, channelId: null };
      if (n % 4 === 1) return { kind: 'any', value: `web/w-${n}`, channelId: null };
      if (n % 4 === 2) return { kind: 'email', value: `P${n}@EXAMPLE.com`, channelId: null };
      return { kind: 'identity', value: `w-${n}`, channelId: 'web' };
    });
  const ids = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => `u-${n}`);

  const works: Record<string, (manager: EntityManager, count: number) => Promise<unknown>> = {
    resolution: (manager, count) => new UserResolutionService().resolve(manager, 'a', references(count)),
    users: (manager, count) => new UserDirectoryService().usersOf(manager, 'a', ids(count)),
    protection: (manager, count) => new MembershipsService().rolesOf(manager, ids(count)),
    claims: (manager, count) =>
      new UserDirectoryService().identityClaims(
        manager,
        ids(count),
        ids(count).map((_, n) => `web/w-${n}`),
      ),
    'keys of others': (manager, count) =>
      new UserDirectoryService().keysOfOthers(
        manager,
        'a',
        ids(count).map((userId, n) => ({ userId, email: `P${n}@example.com`, enterpriseId: `E-${n}` })),
      ),
    'what nobody knows': async (manager, count) => {
      const [map] = (await loadDataMap('data-map.yaml')).stores;
      if (!map) throw new Error('the map names a store');
      const store = new PostgresStore(map);
      await db.dataSource.transaction((checking) => store.check(checking));
      const queries = references(count).map((reference, position) => ({ ...reference, position }));
      const bots = Array.from({ length: 10 }, (_, n) => `st-${n}`);
      await store.findByValue(manager, queries, { accountId: 'a', allBots: true, bots });
    },
  };

  describe('an id that 50,000 people share', () => {
    const entries: Record<string, UserReference> = {
      'a bare channel user id': { kind: 'any', value: 'everybody', channelId: null },
      'a pair': { kind: 'any', value: 'kiosk/everybody', channelId: null },
      'a typed pair': { kind: 'identity', value: 'everybody', channelId: 'kiosk' },
    };

    it.each(Object.entries(entries))('as %s is read of two of them', async (_what, entry) => {
      const resolve = (manager: EntityManager) => new UserResolutionService().resolve(manager, 'a', [entry]);
      const [statement] = await asked(resolve);
      if (!statement) throw new Error('a page is asked for');
      const found = await resolve(db.dataSource.manager);
      expect(found).toHaveLength(2);
      expect(new Set(found.map(({ userId }) => userId)).size).toBe(2);
      await client.query('BEGIN');
      await client.query('SET LOCAL enable_seqscan = off');
      expect((await effort(client, 'platform', statement)).rows).toBeLessThan(50);
      await client.query('ROLLBACK');
    });

    it('tells the one user who has it in ten bots once', async () => {
      const own: UserReference = { kind: 'any', value: 'own', channelId: null };
      const found = await new UserResolutionService().resolve(db.dataSource.manager, 'a', [own]);
      expect(found).toEqual([{ index: 0, kind: 'channelUserId', userId: 'u-1' }]);
    });
  });

  describe.each(Object.entries(works))('%s', (_what, work) => {
    it.each(Object.entries(pages))('reads no table from end to end for %s', async (_page, count) => {
      const statements = await asked((manager) => work(manager, count));
      expect(statements.length).toBeGreaterThan(0);
      for (const statement of statements)
        for (const found of [
          await scans(client, 'platform', statement),
          await scansAfter(client, 'platform', statement, 8),
        ]) {
          expect(found.length).toBeGreaterThan(0);
          expect(found.filter((scan) => large.includes(scan))).toEqual([]);
        }
    });

    it.each(Object.entries(pages))('reads a few rows for each entry of %s', async (_page, count) => {
      for (const statement of await asked((manager) => work(manager, count))) {
        await client.query('BEGIN');
        await client.query('SET LOCAL enable_seqscan = off');
        const efforts = [
          await effort(client, 'platform', statement),
          await blindEffort(client, 'platform', statement),
        ];
        await client.query('ROLLBACK');
        // Whatever is asked, an entry takes four looks at most, and each finds a row and the user whose it is.
        for (const { rows } of efforts) expect(rows).toBeLessThanOrEqual(4 * 2 * count);
      }
    });
  });
});
