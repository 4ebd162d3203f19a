import { readFileSync } from 'node:fs';
import { type SettingRow } from './settings-table.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The text of a setting as it was given, or what is wrong with how it was given. Never both, perhaps neither. */
export interface GivenText {
  readonly text: string | null;
  readonly problem: string | null;
}

/**
 * What the environment gives for a setting. Empty counts as not set: that is how compose files write it. A secret may lie in
 * a file that `<name>_FILE` names; the line break at the file's end is not part of it.
 */
export function givenText(env: Environment, { env: name, secret }: SettingRow<unknown>): GivenText {
  const direct = env[name] === '' ? undefined : env[name];
  const path = secret === undefined || env[`${name}_FILE`] === '' ? undefined : env[`${name}_FILE`];
  if (path === undefined) return { text: direct ?? null, problem: null };
  if (direct !== undefined)
    return { text: null, problem: `${name} and ${name}_FILE are both set: which one counts?` };
  try {
    return { text: readFileSync(path, 'utf8').replace(/\r?\n$/, ''), problem: null };
  } catch {
    return { text: null, problem: `${name}_FILE names a file that can't be read` };
  }
}

/** The environment of this process, for the one who starts it: nobody else reads it. */
export function processEnvironment(): Environment {
  return process.env;
}
