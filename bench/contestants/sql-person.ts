import { type Pool } from 'pg';
import { accountId } from '../platform/layout.js';
import { chunksOf } from './in-chunks.js';

/** Somebody with the identities that rows may carry instead of a user id. */
export interface SqlPerson {
  readonly userId: string;
  readonly channelIds: readonly string[];
  readonly channelUserIds: readonly string[];
}

/** Persons of a chunk as parameters: user ids; channel ids, channel user ids and their owners side by side; all bots. */
export function parametersOf(persons: readonly SqlPerson[], bots: readonly string[]): readonly unknown[] {
  return [
    persons.map(({ userId }) => userId),
    persons.flatMap(({ channelIds }) => channelIds),
    persons.flatMap(({ channelUserIds }) => channelUserIds),
    persons.flatMap(({ userId, channelIds }) => channelIds.map(() => userId)),
    bots,
  ];
}

/** Ids that one statement looks up. */
const pageSize = 1_000;

/** Who of these ids are users of the account without a role anywhere, and their identities: a statement a page. */
export async function lookUp(pool: Pool, userIds: readonly string[]): Promise<readonly SqlPerson[]> {
  const persons: SqlPerson[] = [];
  for (const page of chunksOf(userIds.toSorted(), pageSize)) {
    const { rows } = await pool.query<SqlPerson>({
      name: 'look up',
      text: `SELECT u.id AS "userId", coalesce(array_agg(i.channel_id) FILTER (WHERE i.id IS NOT NULL), '{}') AS "channelIds",
         coalesce(array_agg(i.channel_user_id) FILTER (WHERE i.id IS NOT NULL), '{}') AS "channelUserIds"
       FROM platform.users u LEFT JOIN platform.user_identities i ON i.user_id = u.id
       WHERE u.id = ANY ($1) AND u.account_id = $2
         AND NOT EXISTS (SELECT FROM platform.account_members m WHERE m.user_id = u.id)
         AND NOT EXISTS (SELECT FROM platform.bot_members m WHERE m.user_id = u.id)
       GROUP BY u.id`,
      values: [page, accountId],
    });
    persons.push(...rows);
  }
  return persons;
}
