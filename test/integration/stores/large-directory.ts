import { type TestDatabase } from '../../support/postgres.js';
import { partitions, rows, who } from './large-tables.js';

/**
 * A directory in the schema `chat`, of a million rows a table, analysed: users, and what hangs on them, their memberships and
 * their identities, these in partitions. Both are spread over the users as the rows of the other large tables are, a third
 * being `u-0`'s; most users have none.
 */
export async function makeLargeDirectory(db: TestDatabase): Promise<void> {
  for (const statement of [
    `CREATE TABLE chat.users (id text PRIMARY KEY, account_id text, name text)`,
    `CREATE TABLE chat.members (team_id bigint, user_id text REFERENCES chat.users, account_id text,
       PRIMARY KEY (team_id, user_id))`,
    `CREATE TABLE chat.identities (id bigint PRIMARY KEY, user_id text REFERENCES chat.users, bot_id text, channel_id text,
       channel_user_id text) PARTITION BY HASH (id)`,
    ...Array.from(
      { length: partitions },
      (_, n) =>
        `CREATE TABLE chat.identities_${n} PARTITION OF chat.identities FOR VALUES WITH (MODULUS ${partitions}, REMAINDER ${n})`,
    ),
    // In one session that takes it on trust that rows fit each other: to look for each would take most of the time.
    `SET session_replication_role = replica;
     INSERT INTO chat.users SELECT 'u-' || n, 'a', repeat('u', 20) FROM generate_series(0, ${rows - 1}) AS n;
     INSERT INTO chat.members SELECT n, ${who}, CASE WHEN n % 5 = 0 THEN 'b' ELSE 'a' END FROM generate_series(1, ${rows}) AS n;
     INSERT INTO chat.identities SELECT n, ${who}, 'st-' || n % 5, 'web', 'w-' || n FROM generate_series(1, ${rows}) AS n;
     RESET session_replication_role`,
    `CREATE INDEX ON chat.members (user_id, team_id)`,
    `CREATE INDEX ON chat.identities (user_id, id)`,
    `ANALYZE chat.users`,
    `ANALYZE chat.members`,
    `ANALYZE chat.identities`,
  ])
    await db.dataSource.query(statement);
}
