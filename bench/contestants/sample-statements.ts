import { createHash } from 'node:crypto';

/**
 * What a good hand writes to erase people from the sample platform. Parameters: $1 user ids, $2 channel ids, $3 channel user
 * ids and $4 user ids of the identities side by side, $5 the account's bots. Each statement takes a whole chunk of people,
 * by one array parameter, through an index.
 */
export interface SampleStatement {
  readonly collection: string;
  /** DELETE or UPDATE without RETURNING. */
  readonly erase: string;
  /** Makes `erase` tell whose each row was: the user id, or the joined identity. */
  readonly owner: string;
  /** `owner` is a joined identity, not a user id. */
  readonly byIdentity?: true;
  /** Finds rows of these people that are still there. */
  readonly remains: string;
  /** $n that the statements refer to, in this order: PostgreSQL wants no parameter that is never used. */
  readonly uses: readonly number[];
}

/** Of a table whose rows say in `user_id` whose they are. */
export function byUser(collection: string): SampleStatement {
  return {
    collection,
    erase: `DELETE FROM platform.${collection} AS t WHERE t.user_id = ANY ($1::text[])`,
    owner: 't.user_id',
    remains: `SELECT FROM platform.${collection} AS t WHERE t.user_id = ANY ($1::text[])`,
    uses: [1],
  };
}

const identities = 'SELECT * FROM unnest($2::text[], $3::text[])';
/** num_nulls: by "user_id IS NULL" the planner would look rows up that were overwritten, as soon as there are many. */
const ofIdentity = `t.channel_user_id = ANY ($3::text[]) AND num_nulls(t.user_id) = 1
  AND (t.channel_id, t.channel_user_id) IN (${identities}) AND t.bot_id = ANY ($5::text[])`;
const overwritten = `user_id = NULL, channel_id = NULL, channel_user_id = NULL, ip_address = NULL, properties = '{}',
  occurred_on = date_trunc('day', occurred_on, 'UTC')`;
const joined = `t.identity = ANY (ARRAY(SELECT c || '/' || u FROM unnest($2::text[], $3::text[]) AS i (c, u)))
  AND t.bot_id = ANY ($5::text[])`;

/** In the order in which foreign keys allow it; the directory is last. */
export const sampleStatements: readonly SampleStatement[] = [
  byUser('attachments'),
  byUser('messages'),
  {
    collection: 'messages',
    erase: `DELETE FROM platform.messages AS t WHERE ${ofIdentity}`,
    owner: `t.channel_id || '/' || t.channel_user_id`,
    byIdentity: true,
    remains: `SELECT FROM platform.messages AS t WHERE ${ofIdentity}`,
    uses: [2, 3, 5],
  },
  byUser('feedback'),
  byUser('agent_transfers'),
  {
    ...byUser('sessions'),
    erase: `DELETE FROM platform.sessions AS t WHERE t.user_id = ANY ($1::text[])
      AND NOT EXISTS (SELECT FROM platform.messages AS m WHERE m.session_id = t.id)
      AND NOT EXISTS (SELECT FROM platform.feedback AS m WHERE m.session_id = t.id)
      AND NOT EXISTS (SELECT FROM platform.agent_transfers AS m WHERE m.session_id = t.id)`,
  },
  {
    // Those that rows of others need. There are none here, which has to be looked for all the same.
    ...byUser('sessions'),
    erase: `UPDATE platform.sessions AS t SET user_id = NULL, channel_id = NULL, tags = '{}' WHERE t.user_id = ANY ($1::text[])`,
    owner: 'old.user_id',
  },
  byUser('user_context'),
  byUser('oauth_tokens'),
  byUser('alert_subscriptions'),
  {
    collection: 'debug_logs',
    erase: `DELETE FROM platform.debug_logs AS t WHERE ${joined}`,
    owner: 't.identity',
    byIdentity: true,
    remains: `SELECT FROM platform.debug_logs AS t WHERE ${joined}`,
    uses: [2, 3, 5],
  },
  {
    ...byUser('analytics_events'),
    erase: `UPDATE platform.analytics_events AS t SET ${overwritten} WHERE t.user_id = ANY ($1::text[])`,
    owner: 'old.user_id',
  },
  {
    collection: 'analytics_events',
    erase: `UPDATE platform.analytics_events AS t SET ${overwritten} WHERE ${ofIdentity}`,
    owner: `old.channel_id || '/' || old.channel_user_id`,
    byIdentity: true,
    remains: `SELECT FROM platform.analytics_events AS t WHERE ${ofIdentity}`,
    uses: [2, 3, 5],
  },
  byUser('user_identities'),
  {
    ...byUser('users'),
    erase: 'DELETE FROM platform.users AS t WHERE t.id = ANY ($1::text[])',
    owner: 't.id',
    remains: 'SELECT FROM platform.users AS t WHERE t.id = ANY ($1::text[])',
  },
];

/** What pg takes; by its name a connection keeps the statement parsed, and its plan. */
export interface NamedStatement {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
}

/** A statement with its parameters renumbered to those that it uses, to be called with all of them. */
export function prepare(
  text: string,
  uses: readonly number[],
): (parameters: readonly unknown[]) => NamedStatement {
  const own = text.replace(/\$(\d+)/g, (_, number: string) => `$${uses.indexOf(Number(number)) + 1}`);
  const name = createHash('md5').update(own).digest('hex');
  return (parameters) => ({ name, text: own, values: uses.map((number) => parameters[number - 1]) });
}
