/**
 * What the check knows of one table of the sample platform, for a call that covers all bots of an account. Written from the
 * platform's point of view, on purpose without the data map or the stores: what is wrong there must not be wrong here too.
 * In all fragments `t` is a row of the table; the other tables that they read are made by `erasure-check.ts`.
 */
export interface CheckedTable {
  readonly name: string;
  /** SQL: text that tells rows of the table apart, the same before and after. */
  readonly key: string;
  /** SQL condition: the row belongs to someone who is to be erased. */
  readonly tied: string;
  /** SQL: the row as it must be afterwards where it stays without the person; null where it must be gone. */
  readonly after: string;
}

/** Tied by user id, whatever the bot, also where it is gone or null; only another account's bots keep their rows. */
const byUser = `t.user_id IN (SELECT id FROM erased_user)
  AND coalesce(t.bot_id, '') NOT IN (SELECT id FROM foreign_bot)`;

/** Written before it was known who it is: tied by the channel, in bots for which the identity counts. */
const byUserOrChannel = `(${byUser} OR t.user_id IS NULL AND (t.channel_id, t.channel_user_id, t.bot_id) IN
  (SELECT channel_id, channel_user_id, bot_id FROM erased_identity))`;

const byJoinedIdentity = `(t.identity, t.bot_id) IN
  (SELECT channel_id || '/' || channel_user_id, bot_id FROM erased_identity)`;

const anonymousEvent = `jsonb_populate_record(t, jsonb_build_object('user_id', NULL, 'channel_id', NULL,
  'channel_user_id', NULL, 'ip_address', NULL, 'properties', '{}'::jsonb,
  'occurred_on', date_trunc('day', t.occurred_on, 'UTC')))`;

const othersIn = (table: string): string =>
  `SELECT o.session_id FROM platform.${table} o WHERE o.session_id IS NOT NULL
   AND NOT EXISTS (SELECT FROM expected_row e WHERE e.name = '${table}' AND e.key = o.id::text)`;

/** A session on which rows of others hang (an agent's always, in the sample) stays for them, without the person. */
const sessionOfOthers = `CASE WHEN t.id IN
  (${othersIn('messages')} UNION ${othersIn('feedback')} UNION ${othersIn('agent_transfers')})
  THEN jsonb_populate_record(t, '{"user_id": null, "channel_id": null, "tags": {}}') END`;

/** Every table of the platform. What hangs on sessions stands before them. */
export const checkedTables: readonly CheckedTable[] = [
  table('messages', byUserOrChannel),
  table('feedback', byUser),
  table('agent_transfers', byUser),
  { ...table('sessions', byUser), after: sessionOfOthers },
  table('attachments', byUser),
  table('user_context', byUser, `coalesce(t.bot_id, '') || '/' || coalesce(t.user_id, '')`),
  table('oauth_tokens', byUser),
  table('alert_subscriptions', byUser),
  table('debug_logs', byJoinedIdentity),
  { ...table('analytics_events', byUserOrChannel), after: anonymousEvent },
  table('user_identities', byUser),
  table('users', 't.id IN (SELECT id FROM erased_user)'),
  table('data_table_rows', 'false'),
  table('account_members', 'false', `t.account_id || '/' || t.user_id`),
  table('bot_members', 'false', `t.bot_id || '/' || t.user_id`),
  table('bots', 'false'),
  table('accounts', 'false'),
];

function table(name: string, tied: string, key = 't.id::text'): CheckedTable {
  return { name, key, tied, after: 'NULL::record' };
}
