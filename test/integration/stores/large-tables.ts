import { parseDataMap } from '../../../src/stores/data-map/parse-data-map.js';
import { type DataMap } from '../../../src/stores/data-map/data-map.js';
import { type TestDatabase } from '../../support/postgres.js';

/** Owns a third of every table but the users. */
export const heavy = 'u-0';
/** Of each table. */
export const rows = 1_000_000;
/** Users besides the heavy one who own rows. */
export const users = 2_000;
/** Of each table that has any. */
export const partitions = 8;
/** Whose the row number `n` is. */
export const who = `CASE WHEN n % 3 = 0 THEN '${heavy}' ELSE 'u-' || 1 + n % ${users} END`;

/**
 * Tables of the schema `chat`, of a million rows each, analysed: a plain one, one in partitions that is overwritten, and one
 * whose rows the first one's hang on. `u-0` owns a third of each, on 2,000 others it is spread evenly.
 */
export async function makeLargeTables(db: TestDatabase): Promise<void> {
  for (const statement of [
    `CREATE TABLE chat.threads (id bigint PRIMARY KEY, bot_id text, user_id text, title text)`,
    `CREATE TABLE chat.messages (id bigint PRIMARY KEY, thread_id bigint, bot_id text, user_id text,
       channel_id text, channel_user_id text, identity text, body text)`,
    `CREATE TABLE chat.events (id bigint, bot_id text, user_id text, channel_id text, channel_user_id text,
       happened_on timestamptz, label text, PRIMARY KEY (id, happened_on)) PARTITION BY RANGE (happened_on)`,
    ...Array.from(
      { length: partitions },
      (_, n) =>
        `CREATE TABLE chat.events_${n} PARTITION OF chat.events FOR VALUES FROM ('2026-0${n + 1}-01Z') TO ('2026-0${n + 2}-01Z')`,
    ),
    `INSERT INTO chat.threads SELECT n, 'st-' || n % 5, ${who}, repeat('t', 40) FROM generate_series(1, ${rows}) AS n`,
    `INSERT INTO chat.messages SELECT n, n, 'st-' || n % 5, ${who}, 'web', 'w-' || 1 + n % ${users}, 'web/w-' || 1 + n % ${users},
       repeat('m', 80) FROM generate_series(1, ${rows}) AS n`,
    `INSERT INTO chat.events SELECT n, 'st-' || n % 5, ${who}, 'web', 'w-' || 1 + n % ${users},
       timestamptz '2026-01-01Z' + n % 240 * interval '1 day', repeat('e', 40) FROM generate_series(1, ${rows}) AS n`,
    // Afterwards: row by row they would take most of the time.
    `CREATE INDEX ON chat.threads (user_id, id)`,
    `CREATE INDEX ON chat.messages (user_id, id)`,
    `CREATE INDEX ON chat.messages (channel_user_id, channel_id, id)`,
    `CREATE INDEX ON chat.messages (identity, id)`,
    `CREATE INDEX ON chat.messages (thread_id)`,
    `ALTER TABLE chat.messages ADD FOREIGN KEY (thread_id) REFERENCES chat.threads`,
    `CREATE INDEX ON chat.events (user_id, id)`,
    `CREATE INDEX ON chat.events (channel_user_id, channel_id, id)`,
    `ANALYZE chat.threads`,
    `ANALYZE chat.messages`,
    `ANALYZE chat.events`,
  ])
    await db.run(statement);
}

export const largeMap: DataMap = parseDataMap(`
version: 1
stores:
  chat:
    kind: postgres
    url: \${DATABASE_URL}
    schema: chat
    collections:
      threads:
        ties: [{ userId: user_id }]
        bot: bot_id
        erase: delete
        whenShared: { user_id: null, title: random }
      messages:
        ties:
          - { userId: user_id }
          - { channelId: channel_id, channelUserId: channel_user_id }
          - { identity: identity }
        bot: bot_id
        erase: delete
      events:
        ties: [{ userId: user_id }, { channelId: channel_id, channelUserId: channel_user_id, onlyWhen: { user_id: null } }]
        bot: bot_id
        erase: { overwrite: { user_id: null, channel_id: null, channel_user_id: random, label: gone } }
        keep: [id, bot_id, happened_on]
      identities: { ties: [{ userId: user_id }], bot: bot_id, directory: true, erase: delete }
      members: { ties: [{ userId: user_id }], account: account_id, when: all-bots, directory: true, erase: delete }
      users: { ties: [{ userId: id }], account: account_id, when: all-bots, directory: true, erase: delete }
`);
