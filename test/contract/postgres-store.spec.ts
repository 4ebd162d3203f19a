import { randomUUID } from 'node:crypto';
import { afterAll } from '@jest/globals';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../src/database/data-source-options.js';
import { loadDataMap } from '../../src/stores/data-map/load-data-map.js';
import { PostgresStore } from '../../src/stores/postgres/postgres-store.js';
import { Platform } from '../support/platform.js';
import { type TestDatabase, testDatabase } from '../support/postgres.js';
import { StoreDriver } from '../support/store-driver.js';
import { storeContract, type StoreWorld } from './store.contract.js';

const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closing) await close();
});

const knownTables = [
  'sessions',
  'messages',
  'attachments',
  'feedback',
  'user_context',
  'oauth_tokens',
  'alert_subscriptions',
  'agent_transfers',
  'analytics_events',
];

/** The sample platform with the repository's own data map, under the role that `expunge grants` prints for it. */
async function postgresWorld(): Promise<StoreWorld> {
  const db = await testDatabase();
  const service = new DataSource(
    await dataSourceOptions({ databaseUrl: await db.serviceUrl(), databasePoolSize: 2 }, 'test'),
  );
  await service.initialize();
  closing.unshift(async () => {
    await service.destroy();
    await db.drop();
  });
  const [map] = (await loadDataMap('data-map.yaml')).stores;
  if (!map) throw new Error('the data map names a store');
  const platform = new Platform(db);
  return {
    driver: await StoreDriver.with(db, new PostgresStore(map), service),
    account: () => platform.account(),
    bot: (account) => platform.bot(account),
    forgetBot: async (bot) => {
      await db.run('DELETE FROM platform.bots WHERE id = $1', [bot]);
    },
    user: (account) => platform.user(account),
    leaveKnown: ({ bot, userId, conversation }) => leaveKnown(db, platform, userId, bot, conversation),
    leaveUnknown: async ({ bot, pair }) => {
      await platform.anonymousTrace(pair, bot);
      return 3;
    },
    rows: async () =>
      new Set(
        [...(await platform.snapshot())].flatMap(([table, rows]) => [...rows].map((row) => table + row)),
      ),
    rowsOf: (userId) => rowsOf(platform, userId),
    goBlind: async () => {
      await db.run('ALTER TABLE platform.messages ENABLE ROW LEVEL SECURITY');
      return async () => {
        await db.run('ALTER TABLE platform.messages DISABLE ROW LEVEL SECURITY');
      };
    },
  };
}

/** A conversation of their own, or rows in one that others take part in. */
async function leaveKnown(
  db: TestDatabase,
  platform: Platform,
  user: string,
  bot: string | null,
  conversation: string | undefined,
): Promise<number> {
  const before = await rowsOf(platform, user);
  if (conversation === undefined) {
    await db.run('DELETE FROM platform.user_context WHERE user_id = $1', [user]);
    await platform.conversation(user, bot);
  } else {
    const session = `${conversation} of ${bot ?? 'no bot'}`;
    await db.run(
      `INSERT INTO platform.sessions (id, bot_id, user_id, tags) VALUES ($1, $2, $3, '{"vip": true}')
       ON CONFLICT DO NOTHING`,
      [session, bot, user],
    );
    const who = { bot_id: bot, user_id: user, session_id: session };
    await platform.insert('messages', { ...who, id: randomUUID(), body: { text: 'we all talk' } });
    await platform.insert('feedback', { ...who, score: 3 });
  }
  return (await rowsOf(platform, user)) - before;
}

async function rowsOf(platform: Platform, user: string): Promise<number> {
  let count = 0;
  for (const table of knownTables) count += await platform.count(table, 'user_id = $1', [user]);
  return count;
}

storeContract('PostgreSQL', postgresWorld);
