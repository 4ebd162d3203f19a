import { type DataSource, type EntityManager } from 'typeorm';
import { sql } from '../../../database/sql.js';
import { type CheckReport, checkReport, type Fingerprint } from './check-report.js';
import { type CheckedTable, checkedTables } from './checked-table.js';

/** Who must be gone afterwards: known from the sample itself, never from what the service answers. */
export interface ErasedPeople {
  readonly accountId: string;
  readonly userIds: readonly string[];
  /** People in no directory. */
  readonly visitors: readonly { readonly channelId: string; readonly channelUserId: string }[];
}

/** What the check remembers. On one connection alone, gone with it: nothing of it lies in the platform or in `expunge`. */
const memory = ['erased_user', 'foreign_bot', 'erased_identity', 'expected_row'];

/**
 * Looks at every row of the sample platform before and after `erase`, which covers all bots of the account, and says whether
 * all rows of these people went and nothing else changed. Whatever `erase` throws passes unchanged.
 *
 * @throws DatabaseFault
 */
export async function checkErasure<T>(
  dataSource: DataSource,
  people: ErasedPeople,
  erase: () => Promise<T>,
): Promise<{ readonly outcome: T; readonly report: CheckReport }> {
  const runner = dataSource.createQueryRunner();
  try {
    await remember(runner.manager, people);
    const before = new Map<CheckedTable, Fingerprint>();
    for (const table of checkedTables) before.set(table, await othersOf(runner.manager, table));
    const outcome = await erase();
    const tables = [];
    for (const table of checkedTables)
      tables.push({
        name: table.name,
        ...(await leftOf(runner.manager, table)),
        othersBefore: before.get(table) ?? { rows: -1, checksum: '' },
        othersAfter: await othersOf(runner.manager, table),
      });
    return { outcome, report: checkReport(tables) };
  } finally {
    for (const name of memory)
      await sql(runner.manager, `DROP TABLE IF EXISTS pg_temp.${name}`).catch(() => []);
    await runner.release();
  }
}

/** Writes down whose rows must go, which rows these are, and what must become of each. */
async function remember(manager: EntityManager, people: ErasedPeople): Promise<void> {
  await sql(manager, 'CREATE TEMP TABLE erased_user AS SELECT unnest($1::text[]) AS id', [people.userIds]);
  await sql(manager, 'CREATE TEMP TABLE foreign_bot AS SELECT id FROM platform.bots WHERE account_id <> $1', [
    people.accountId,
  ]);
  // An identity counts for a bot unless somebody else has the same one there.
  await sql(
    manager,
    `CREATE TEMP TABLE erased_identity AS
     SELECT i.channel_id, i.channel_user_id, b.id AS bot_id
     FROM platform.user_identities i JOIN erased_user u ON u.id = i.user_id
     JOIN platform.bots b ON b.account_id = $1 AND (i.bot_id IS NULL OR i.bot_id = b.id)
     WHERE NOT EXISTS (
       SELECT FROM platform.user_identities o JOIN platform.users ou ON ou.id = o.user_id
       WHERE o.channel_id = i.channel_id AND o.channel_user_id = i.channel_user_id AND o.user_id <> i.user_id
         AND (o.bot_id = b.id OR o.bot_id IS NULL AND ou.account_id = $1))
     UNION
     SELECT v.channel_id, v.channel_user_id, b.id
     FROM unnest($2::text[], $3::text[]) AS v (channel_id, channel_user_id)
     JOIN platform.bots b ON b.account_id = $1`,
    [
      people.accountId,
      people.visitors.map(({ channelId }) => channelId),
      people.visitors.map(({ channelUserId }) => channelUserId),
    ],
  );
  await sql(
    manager,
    'CREATE TEMP TABLE expected_row (name text, key text, after bigint, PRIMARY KEY (name, key))',
  );
  for (const { name, key, tied, after } of checkedTables) {
    await sql(
      manager,
      `INSERT INTO expected_row
       SELECT '${name}', ${key}, hashtextextended((${after})::text, 0) FROM platform.${name} t WHERE ${tied}`,
    );
    await sql(manager, 'ANALYZE expected_row');
  }
}

async function othersOf(manager: EntityManager, { name, key }: CheckedTable): Promise<Fingerprint> {
  const [found] = await sql<Fingerprint>(
    manager,
    `SELECT count(*)::int AS rows, coalesce(sum(hashtextextended(t::text, 0)), 0)::text AS checksum
     FROM platform.${name} t
     WHERE NOT EXISTS (SELECT FROM expected_row e WHERE e.name = '${name}' AND e.key = ${key})`,
  );
  return found ?? { rows: -1, checksum: '' };
}

interface Left {
  readonly expected: number;
  readonly overwritten: number;
  readonly left: number;
  readonly lost: number;
}

/** By the keys written down before, and once more by the ties: a new row of an erased person is one that is left. */
async function leftOf(manager: EntityManager, { name, key, tied }: CheckedTable): Promise<Left> {
  const [found] = await sql<Left>(
    manager,
    `WITH expected AS (SELECT * FROM expected_row WHERE name = '${name}'),
          present AS (
            SELECT e.key, e.after, hashtextextended(t::text, 0) AS now
            FROM platform.${name} t JOIN expected e ON e.key = ${key})
     SELECT (SELECT count(*) FROM expected)::int AS expected,
            (SELECT count(*) FROM expected WHERE after IS NOT NULL)::int AS overwritten,
            ((SELECT count(*) FROM present WHERE after IS DISTINCT FROM now)
             + (SELECT count(*) FROM platform.${name} t
                WHERE ${tied} AND NOT EXISTS (SELECT FROM expected e WHERE e.key = ${key})))::int AS left,
            (SELECT count(*) FROM expected e WHERE after IS NOT NULL
             AND NOT EXISTS (SELECT FROM present p WHERE p.key = e.key))::int AS lost`,
  );
  return found ?? { expected: -1, overwritten: -1, left: -1, lost: -1 };
}
