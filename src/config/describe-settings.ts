import { type Environment, givenText } from './environment.js';
import { type SettingRow, settingsTable } from './settings-table.js';

export interface SettingDescription {
  readonly name: string;
  /** As it counts now; empty where it is not set; secrets hidden. */
  readonly value: string;
  readonly preset: string;
  readonly isSet: boolean;
  readonly about: string;
}

/** All settings as the environment has them, for people. Shows no secret, no password of a URL either. */
export function describeSettings(env: Environment): readonly SettingDescription[] {
  return Object.values<SettingRow<unknown>>(settingsTable).map((row) => {
    const { text } = givenText(env, row);
    return {
      name: row.env,
      value: text === null ? (row.preset ?? '') : shown(text, row.secret),
      preset: row.preset ?? '',
      isSet: text !== null,
      about: row.about,
    };
  });
}

function shown(text: string, secret: SettingRow<unknown>['secret']): string {
  if (secret === undefined) return text;
  if (secret === 'whole' || !URL.canParse(text)) return '(hidden)';
  const url = new URL(text);
  if (url.password !== '') url.password = 'hidden';
  // A driver takes passwords from here as well.
  url.search = url.search === '' ? '' : '?hidden';
  return url.href;
}
