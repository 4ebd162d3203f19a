import { isDeepStrictEqual } from 'node:util';
import { type Fate } from './erasure.js';
import { type LiveRow } from './live-platform.js';
import { type OverwriteWord } from './map-words.js';
import { columnOf, type Row, type Table } from './table.js';

type Rows = ReadonlyMap<string, readonly LiveRow[]>;

/** @returns what became of rows otherwise than foretold */
export function compare(fates: readonly Fate[], before: Rows, after: Rows): readonly string[] {
  const wrong: string[] = [];
  const seen = new Set<LiveRow>();
  for (const { table, row, becomes } of fates) {
    const was = before.get(table.name)?.find((live) => live.row === row);
    const is = after.get(table.name)?.find((live) => keyOf(table, live.row) === keyOf(table, row));
    if (is) seen.add(is);
    const say = (what: string): void => {
      wrong.push(
        `${table.name}: ${what}: ${JSON.stringify(row)}${is ? ` is ${JSON.stringify(is.row)}` : ''}`,
      );
    };
    if (becomes === 'gone') {
      if (is) say('should be gone');
    } else if (!is) say('should be there');
    else if (becomes === 'stays') {
      if (!isDeepStrictEqual(is, was)) say('was touched');
    } else {
      if (is.version === was?.version) say('should be overwritten');
      for (const { name } of table.columns)
        if (!isAsWritten(table, name, row, is.row, becomes)) say(`${name} should be otherwise`);
    }
  }
  for (const [name, rows] of after)
    for (const live of rows) if (!seen.has(live)) wrong.push(`${name}: came: ${JSON.stringify(live.row)}`);
  return wrong;
}

function isAsWritten(
  table: Table,
  name: string,
  before: Row,
  after: Row,
  words: Readonly<Record<string, OverwriteWord>>,
): boolean {
  const [was, is] = [before[name] ?? null, after[name] ?? null];
  const word = words[name];
  if (word === undefined) return is === was;
  if (word === null) return is === null;
  if (word === 'random') return is !== null && is !== was && /^[0-9a-f-]{32,36}$/.test(is);
  const { type } = columnOf(table, name);
  if (type === 'jsonb') return is !== null && isDeepStrictEqual(JSON.parse(is), word);
  if (type.startsWith('timestamp')) return is === (was === null ? null : `${was.slice(0, 10)} 00:00:00`);
  return is === (typeof word === 'object' ? JSON.stringify(word) : String(word));
}

function keyOf({ primaryKey }: Table, row: Row): string {
  return JSON.stringify(primaryKey.map((name) => row[name]));
}
