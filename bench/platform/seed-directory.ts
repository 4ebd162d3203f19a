import { type DataSource } from 'typeorm';
import { accountId, botIds, type Population } from './layout.js';

/** Ids of a person's rows in a table with numbers for keys. */
export const idsPerPerson = 64;

/** The persons as a relation: p, h (eight hex digits), bot, deal (how many persons of the slice came before). */
export function people({ persons, slices }: Population): string {
  return `(SELECT p, substr(md5(p::text), 1, 8) AS h, 'st-' || p % ${botIds.length} AS bot, p / ${slices} AS deal
    FROM generate_series(0, ${persons - 1}) AS p) AS person`;
}

/** SQL of the user id of a person of `people`. */
export const userId = `'u-' || h || '-' || p`;

/** Two accounts, their bots, staff, and those of the population who are listed, with some identities (at most two) each. */
export async function seedDirectory(
  source: DataSource,
  population: Population,
  identities = 2,
): Promise<void> {
  const listed = `p % ${population.slices} < ${population.listed ?? population.slices}`;
  const bots = botIds.map((id) => `('${id}', '${accountId}', 'bot ${id}')`).join(', ');
  for (const statement of [
    `INSERT INTO platform.accounts (id, name) VALUES ('${accountId}', 'measured'), ('5f1e0a9b7c3d2e1f00000002', 'another')`,
    `INSERT INTO platform.bots (id, account_id, name)
       VALUES ${bots}, ('st-other', '5f1e0a9b7c3d2e1f00000002', 'of another account')`,
    `INSERT INTO platform.users (id, account_id, email, enterprise_id, first_name, last_name, custom_data, created_on)
       SELECT ${userId}, '${accountId}', 'p' || p || '@' || h || '.example.com', 'E-' || h || p, 'Jane', 'Doe',
         '{"plan": "basic"}', timestamptz '2026-01-01Z' + p * interval '1 minute' FROM ${people(population)} WHERE ${listed}`,
    // Staff stand behind the last person: of no slice.
    `INSERT INTO platform.users (id, account_id, email)
       SELECT 'u-staff-' || ${population.persons} + n, '${accountId}', 'staff' || n || '@example.org'
       FROM generate_series(0, 199) AS n`,
    `INSERT INTO platform.account_members (account_id, user_id, role)
       SELECT account_id, id, 'member' FROM platform.users WHERE id LIKE 'u-staff-%'`,
    `INSERT INTO platform.bot_members (bot_id, user_id, role)
       SELECT 'st-0', id, 'co-developer' FROM platform.users WHERE id LIKE 'u-staff-%'`,
    `INSERT INTO platform.user_identities (id, user_id, bot_id, channel_id, channel_user_id, created_on)
       SELECT p::bigint * ${idsPerPerson} + 1 + j, ${userId}, CASE j WHEN 1 THEN bot END,
         CASE j WHEN 0 THEN 'rtm' ELSE 'facebook' END, h || '-' || p, timestamptz '2026-01-01Z'
       FROM ${people(population)}, generate_series(0, ${identities - 1}) AS j WHERE ${listed}`,
  ])
    await source.query(statement);
}

/** Of tables whose text ids or user ids end with the person's number, or whose numbers are `idsPerPerson` a person. */
export const personIn = {
  id: `split_part(id, '-', 3)::bigint`,
  userId: `split_part(user_id, '-', 3)::bigint`,
  number: `(id - 1) / ${idsPerPerson}`,
} as const;

export const directoryTables = [
  { name: 'platform.user_identities', person: personIn.number, left: 'true' },
  { name: 'platform.users', person: personIn.id, left: 'true' },
  { name: 'platform.account_members', person: personIn.userId, left: 'true' },
  { name: 'platform.bot_members', person: personIn.userId, left: 'true' },
] as const;
