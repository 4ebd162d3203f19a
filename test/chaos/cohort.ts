import { randomUUID } from 'node:crypto';
import { type TestDatabase } from '../support/postgres.js';

/** Rows of each person of a cohort, by collection: what erasing one over all bots must count. */
export const rowsOfEach: Readonly<Record<string, number>> = {
  'platform.sessions': 1,
  'platform.messages': 3,
  'platform.attachments': 1,
  'platform.feedback': 1,
  'platform.user_context': 1,
  'platform.oauth_tokens': 1,
  'platform.alert_subscriptions': 1,
  'platform.agent_transfers': 1,
  'platform.debug_logs': 1,
  'platform.analytics_events': 2,
  'platform.user_identities': 1,
  'platform.users': 1,
};

/** Rows that go by deleting or overwriting one person. */
export const rowsOfOne = Object.values(rowsOfEach).reduce((sum, rows) => sum + rows, 0);

/** `gone`: to be erased; `stays`: must not change by a byte; `poison`: a trigger keeps their rows (`audit.ts`). */
export type Fate = 'gone' | 'stays' | 'poison';

/** Made-up people of one account, alike in everything but their names, with rows in every collection. */
export interface Cohort {
  /** Stands in every row of theirs and in no other; begins with their fate. */
  readonly mark: string;
  readonly userIds: readonly string[];
}

/** Statements over `n`, the number of a person; $1 the mark, $2 account, $3 bot, $4 how many, $5 of whom others share a session. */
const inserts = [
  `users (id, account_id, email, enterprise_id, first_name)
   SELECT 'u-' || m, $2, m || '@example.com', 'E-' || m, 'Jane' FROM person`,
  `user_identities (user_id, channel_id, channel_user_id) SELECT 'u-' || m, 'web', m FROM person`,
  `sessions (id, bot_id, user_id, channel_id, tags) SELECT 's-' || md5(m), $3, 'u-' || m, 'web', '{"vip": true}' FROM person`,
  `messages (id, session_id, bot_id, user_id, channel_id, direction, body)
   SELECT 'm-' || d || md5(m), 's-' || md5(m), $3, 'u-' || m, 'web', d, '{"text": "hello"}' FROM person, unnest('{in,out}'::text[]) d`,
  `messages (id, bot_id, channel_id, channel_user_id, direction, body)
   SELECT 'm-early' || md5(m), $3, 'web', m, 'in', '{"text": "hi"}' FROM person`,
  `messages (id, session_id, bot_id, direction, body)
   SELECT 'm-guest' || md5(m), 's-' || md5(m), $3, 'in', '{"text": "me too"}' FROM person WHERE n <= $5`,
  `attachments (id, message_id, bot_id, user_id, file_name)
   SELECT 'a-' || md5(m), 'm-in' || md5(m), $3, 'u-' || m, 'cv.pdf' FROM person`,
  `feedback (bot_id, user_id, session_id, score) SELECT $3, 'u-' || m, 's-' || md5(m), 5 FROM person`,
  `user_context (bot_id, user_id, variables) SELECT $3, 'u-' || m, '{"city": "Rome"}' FROM person`,
  `oauth_tokens (bot_id, user_id, provider, token) SELECT $3, 'u-' || m, 'mail', 'secret' FROM person`,
  `alert_subscriptions (bot_id, user_id, alert) SELECT $3, 'u-' || m, 'news' FROM person`,
  `agent_transfers (bot_id, user_id, session_id, transcript) SELECT $3, 'u-' || m, 's-' || md5(m), '{"said": "hi"}' FROM person`,
  `debug_logs (bot_id, identity, context) SELECT $3, 'web/' || m, '{"raw": 1}' FROM person`,
  `analytics_events (bot_id, user_id, event, ip_address, properties, occurred_on)
   SELECT $3, 'u-' || m, 'open', '203.0.113.7', '{"page": "/"}', '2026-03-04T05:06:07Z' FROM person`,
  `analytics_events (bot_id, channel_id, channel_user_id, event, properties, occurred_on)
   SELECT $3, 'web', m, 'visit', '{"a": 1}', '2026-03-04T05:06:07Z' FROM person`,
];

export interface Home {
  readonly account: string;
  readonly bot: string;
}

/** Writes a cohort; a third of them share their session with somebody unknown. */
export async function seedCohort(
  db: TestDatabase,
  { account, bot }: Home,
  fate: Fate,
  people: number,
): Promise<Cohort> {
  const mark = `${fate}-${randomUUID().slice(0, 8)}`;
  for (const insert of inserts)
    await db.run(
      `WITH given AS (SELECT $1::text, $2::text, $3::text, $4::int, $5::int),
            person AS MATERIALIZED (SELECT n, $1::text || '-' || n AS m FROM generate_series(1, $4::int) n)
       INSERT INTO platform.${insert}`,
      [mark, account, bot, people, Math.floor(people / 3)],
    );
  return { mark, userIds: Array.from({ length: people }, (_, index) => `u-${mark}-${index + 1}`) };
}
