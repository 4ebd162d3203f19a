import { type DataSource } from 'typeorm';
import { quoteName, sql } from './sql.js';

/** A setting of PostgreSQL, and what it must be so that the server's own log quotes nobody's data. */
interface Quiet {
  readonly parameter: string;
  readonly value: string;
  /** Values that are as quiet. */
  readonly enough: readonly string[];
}

/**
 * What the server writes into its log of a statement, when its operator asks for statements: the values, which are keys of
 * people. And what it writes of a failed one whatever anybody asked for: rows (`Key (email)=(…)`, what a trigger raised).
 * Slow statements are still logged, without values; why one failed stands in our log, by code and constraint.
 */
const quiet: readonly Quiet[] = [
  { parameter: 'log_parameter_max_length', value: '0', enough: ['0'] },
  // In the order of a server's log this is above ERROR and below FATAL.
  { parameter: 'log_min_messages', value: 'log', enough: ['log', 'fatal', 'panic'] },
];

/** From here on a superuser can grant the right to set single parameters (`GRANT SET ON PARAMETER`). */
const firstWithGrants = 15;

/**
 * SQL that makes the server's log quiet until the transaction ends, as far as the role may; where it may not, nothing
 * happens. Not for the session: behind a transaction pooler that would be somebody else's. The right is asked for each time,
 * so that one given or taken away counts at once.
 *
 * @param serverVersion as PostgreSQL writes it: `15.4 (Debian …)`
 */
export function quietTransaction(serverVersion: string | undefined): string {
  // An expression for each instead of a table of them: this begins every transaction.
  const hushed = quiet.map(
    ({ parameter, value, enough }) =>
      `CASE WHEN current_setting('${parameter}') <> ALL ('{${enough.join(',')}}'::text[])
         AND ${mayBeSet(`'${parameter}'`, serverVersion)} THEN set_config('${parameter}', '${value}', true) END`,
  );
  return `SET LOCAL log_parameter_max_length_on_error = 0; SELECT ${hushed.join(', ')}`;
}

/**
 * The parameters that let people's data into the server's log and that the role may not set. Empty where the role may set
 * them, or where they are set for it (`ALTER ROLE … SET`, which holds behind a pooler too).
 *
 * @throws DatabaseFault
 */
export async function openServerLog({ driver, manager }: DataSource): Promise<readonly string[]> {
  const rows = await sql<{ parameter: string }>(
    manager,
    `SELECT parameter ${loud} AND NOT ${mayBeSet('parameter', driver.version)}`,
  );
  return rows.map(({ parameter }) => parameter);
}

/** What a superuser has to run, once, so that `openServerLog` is empty from the next connection on. @throws DatabaseFault */
export async function serverLogRemedy(dataSource: DataSource): Promise<readonly string[]> {
  const open = await openServerLog(dataSource);
  const [role] = await sql<{ name: string }>(dataSource.manager, 'SELECT current_user AS name');
  return quiet
    .filter(({ parameter }) => open.includes(parameter))
    .map(({ parameter, value }) => `ALTER ROLE ${quoteName(role?.name ?? '')} SET ${parameter} = ${value};`);
}

/** FROM and WHERE: what is not quiet yet. */
const loud = `FROM (VALUES ${quiet
  .map(({ parameter, value, enough }) => `('${parameter}', '${value}', '{${enough.join(',')}}'::text[])`)
  .join(', ')}) AS quiet (parameter, value, enough)
    WHERE current_setting(parameter) <> ALL (enough)`;

/** @param parameter an expression of SQL */
function mayBeSet(parameter: string, serverVersion = ''): string {
  return Number.parseInt(serverVersion) >= firstWithGrants
    ? `has_parameter_privilege(${parameter}, 'SET')`
    : `current_setting('is_superuser') = 'on'`;
}
