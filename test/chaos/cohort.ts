import { randomUUID } from 'node:crypto';
import { witnessed } from './row-witness.js';

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

/** Rows of the person `m`, the `n`th; $2 is the account, $3 the bot, and the first $5 have somebody unknown in their session. */
const rows: readonly (readonly [table: string, columns: string, select: string])[] = [
  [
    'users',
    'id, account_id, email, enterprise_id',
    `'u-' || m, $2, m || '@example.com', 'E-' || m FROM person`,
  ],
  ['user_identities', 'user_id, channel_id, channel_user_id', `'u-' || m, 'web', m FROM person`],
  ['sessions', 'id, bot_id, user_id, tags', `'s-' || md5(m), $3, 'u-' || m, '{"vip": true}' FROM person`],
  [
    'messages',
    'id, session_id, bot_id, user_id, channel_id, direction, body',
    `'m-' || d || md5(m), 's-' || md5(m), $3, 'u-' || m, 'web', d, '{"text": "hello"}' FROM person, unnest('{in,out}'::text[]) d`,
  ],
  [
    'messages',
    'id, bot_id, channel_id, channel_user_id, direction, body',
    `'m-early' || md5(m), $3, 'web', m, 'in', '{"text": "hi"}' FROM person`,
  ],
  [
    'messages',
    'id, session_id, bot_id, direction, body',
    `'m-guest' || md5(m), 's-' || md5(m), $3, 'in', '{"text": "me too"}' FROM person WHERE n <= $5`,
  ],
  [
    'attachments',
    'id, message_id, bot_id, user_id',
    `'a-' || md5(m), 'm-in' || md5(m), $3, 'u-' || m FROM person`,
  ],
  ['feedback', 'bot_id, user_id, session_id, score', `$3, 'u-' || m, 's-' || md5(m), 5 FROM person`],
  ['user_context', 'bot_id, user_id, variables', `$3, 'u-' || m, '{"city": "Rome"}' FROM person`],
  ['oauth_tokens', 'bot_id, user_id, provider, token', `$3, 'u-' || m, 'mail', 'secret' FROM person`],
  ['alert_subscriptions', 'bot_id, user_id, alert', `$3, 'u-' || m, 'news' FROM person`],
  ['agent_transfers', 'bot_id, user_id, session_id', `$3, 'u-' || m, 's-' || md5(m) FROM person`],
  ['debug_logs', 'bot_id, identity, context', `$3, 'web/' || m, '{"raw": 1}' FROM person`],
  [
    'analytics_events',
    'bot_id, user_id, event, ip_address, occurred_on',
    `$3, 'u-' || m, 'open', '203.0.113.7', '2026-03-04T05:06:07Z'::timestamptz FROM person`,
  ],
  [
    'analytics_events',
    'bot_id, channel_id, channel_user_id, event, properties',
    `$3, 'web', m, 'visit', '{"a": 1}' FROM person`,
  ],
];

export interface Home {
  readonly account: string;
  readonly bot: string;
}

/** @returns a mark that no other cohort has */
export function newMark(fate: Fate): string {
  return `${fate}-${randomUUID().slice(0, 8)}`;
}

/**
 * Writes a cohort, and tells the witness of its rows (`row-witness.ts`). A third of the people share their session with
 * somebody unknown.
 *
 * @param run runs a statement
 */
export async function seedCohort(
  run: (text: string, parameters: readonly unknown[]) => Promise<unknown>,
  { account, bot }: Home,
  mark: string,
  people: number,
): Promise<Cohort> {
  for (const [table, columns, select] of rows)
    await run(
      `WITH given AS (SELECT $1::text, $2::text, $3::text, $4::int, $5::int),
            person AS MATERIALIZED (SELECT n, $1::text || '-' || n AS m FROM generate_series(1, $4::int) n),
            t AS (INSERT INTO platform.${table} (${columns}) SELECT ${select} RETURNING *)
       INSERT INTO audit.row_before ${witnessed(table, 't')}`,
      [mark, account, bot, people, Math.floor(people / 3)],
    );
  return { mark, userIds: userIdsOf(mark, people) };
}

export function userIdsOf(mark: string, people: number): readonly string[] {
  return Array.from({ length: people }, (_, index) => `u-${mark}-${index + 1}`);
}
