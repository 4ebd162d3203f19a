import { ConfigurationError } from './configuration-error.js';
import { type Environment, givenText } from './environment.js';
import { type Settings, settingsOf, type SettingsValues } from './settings.js';
import { type SettingRow, settingsTable } from './settings-table.js';

export interface LoadedSettings {
  readonly settings: Settings;
  /** `EXPUNGE_…` variables that no setting knows. Worth a warning, never an error: deployments roll back. */
  readonly unknown: readonly string[];
}

/**
 * Reads and validates every setting.
 * @throws ConfigurationError with all problems at once
 */
export function loadSettings(env: Environment): LoadedSettings {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, row] of Object.entries<SettingRow<unknown>>(settingsTable)) {
    const value = valueOf(env, row);
    if (value.problem === null) values[name] = value.value;
    else problems.push(value.problem);
  }
  // Every name of the table is there, each read by its own parser, once there are no problems.
  const complete = values as unknown as SettingsValues;
  problems.push(...contradictions(complete));
  if (problems.length > 0) throw new ConfigurationError(problems);
  return { settings: settingsOf(complete), unknown: unknownNames(env) };
}

function valueOf(
  env: Environment,
  row: SettingRow<unknown>,
): { readonly value: unknown; readonly problem: null } | { readonly problem: string } {
  const given = givenText(env, row);
  if (given.problem !== null) return { problem: given.problem };
  const text = given.text ?? row.preset;
  if (text === null) return { value: null, problem: null };
  const value = row.parser.parse(text);
  return value === undefined
    ? { problem: `${row.env} must be ${row.parser.expected}` }
    : { value, problem: null };
}

/** What hangs together. A setting that could not be read is undefined here and takes no part. */
function contradictions(values: Partial<SettingsValues>): string[] {
  const name = (setting: keyof SettingsValues): string => settingsTable[setting].env;
  const problems: string[] = [];
  if (values.production === true && values.databaseUrl === null)
    problems.push(
      `${name('databaseUrl')} is required with NODE_ENV=production: the embedded database is for trying`,
    );
  if (typeof values.databaseUrl === 'string' && values.masterKey === null)
    problems.push(`${name('masterKey')} is required as soon as ${name('databaseUrl')} is set`);
  if (Buffer.isBuffer(values.masterKeyPrevious) && values.masterKey === null)
    problems.push(`${name('masterKeyPrevious')} is set without ${name('masterKey')}`);
  if (typeof values.opsPort === 'number' && values.opsPort !== 0 && values.opsPort === values.port)
    problems.push(`${name('opsPort')} must differ from ${name('port')}`);
  const leaseMs = (values.leaseSeconds ?? Infinity) * 1_000;
  // Else a worker that went silent would still hold its rows when another one takes over.
  for (const timeout of [
    'statementTimeoutMs',
    'idleInTransactionTimeoutMs',
    'lockTimeoutMs',
    'chunkMs',
    'deadClientTimeoutMs',
  ] as const)
    if ((values[timeout] ?? 0) >= leaseMs)
      problems.push(`${name(timeout)} must be shorter than ${name('leaseSeconds')}`);
  return problems;
}

function unknownNames(env: Environment): string[] {
  const rows = Object.values<SettingRow<unknown>>(settingsTable);
  const known = new Set(rows.flatMap(({ env: name, secret }) => (secret ? [name, `${name}_FILE`] : [name])));
  return Object.keys(env).filter((name) => name.startsWith('EXPUNGE_') && !known.has(name));
}
