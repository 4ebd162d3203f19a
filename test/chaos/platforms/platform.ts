import fc from 'fast-check';
import { stringify } from 'yaml';
import { drawRows } from './any-row.js';
import { drawTable } from './any-table.js';
import { type Directory, drawDirectory, type User } from './directory.js';
import { numbers, Picks } from './picks.js';
import { schemaSql } from './schema-sql.js';
import { type Row, type Table } from './table.js';
import { type Asked, type Meant } from './whose.js';

/** A platform, what it holds, and whom somebody wants erased. */
export interface GeneratedPlatform {
  readonly directory: Directory;
  /** Each refers to itself and earlier ones alone. */
  readonly tables: readonly Table[];
  readonly rows: ReadonlyMap<string, readonly Row[]>;
  readonly asked: Asked;
  readonly persons: readonly Meant[];
  /** Rows that one step may erase. */
  readonly maxRows: number;
}

/** Numbers that a platform is built from. */
type Seed = Readonly<Record<'directory' | 'request', readonly number[]>> & {
  readonly tables: readonly (readonly number[])[];
  readonly rows: readonly (readonly number[])[];
};

/** What is large comes first: it is what a failure is made smaller by first. */
const anySeed: fc.Arbitrary<Seed> = fc.record({
  rows: fc.array(numbers(40), { minLength: 1, maxLength: 120, size: 'max' }),
  tables: fc.array(numbers(120), { minLength: 1, maxLength: 4, size: 'max' }),
  request: numbers(20),
  directory: numbers(60),
});

/** @param salt makes ids those of another platform of the same database */
export function anyPlatform(salt = ''): fc.Arbitrary<GeneratedPlatform> {
  return anySeed.map((seed) => {
    const platform = build(seed, salt);
    return Object.assign(platform, { [fc.toStringMethod]: () => told(platform) });
  });
}

function build(seed: Seed, salt: string): GeneratedPlatform {
  const directory = drawDirectory(new Picks(seed.directory), salt);
  const tables: Table[] = [];
  for (const table of seed.tables) tables.push(drawTable(new Picks(table), directory, tables));
  const dealt = tables.map((): Picks[] => []);
  for (const row of seed.rows) {
    const picks = new Picks(row);
    dealt[picks.number(tables.length)]?.push(picks);
  }
  const rows = new Map<string, readonly Row[]>();
  for (const [index, table] of tables.entries())
    rows.set(table.name, drawRows(dealt[index] ?? [], directory, table, rows));
  const picks = new Picks(seed.request);
  return {
    directory,
    tables,
    rows,
    asked: drawScope(picks, directory),
    persons: drawPersons(picks, directory),
    maxRows: 1 + picks.number(6),
  };
}

function drawScope(picks: Picks, { account, bots }: Directory): Asked {
  const own = bots.filter((bot) => bot.account === account).map(({ id }) => id);
  const allBots = picks.chance(60);
  return { account, allBots, bots: allBots ? own : picks.some(own, 65, 1) };
}

function drawPersons(picks: Picks, directory: Directory): readonly Meant[] {
  const { account, users, unknown } = directory;
  const own = users.filter((user) => user.account === account);
  const nothing = { userId: null, email: null, enterpriseId: null, claims: [], inDirectory: false };
  const visitors: readonly Meant[] = [
    { ...nothing, userId: unknown.user },
    { ...nothing, email: unknown.email },
    { ...nothing, claims: [{ bot: null, channelId: 'web', channelUserId: unknown.handle }] },
  ];
  return [...picks.some(own, 70, 1).map((user) => meant(user, directory)), ...picks.some(visitors, 25)];
}

/** Somebody of the directory, with all that it knows of them. */
export function meant({ id, email, enterpriseId }: User, { claims }: Directory): Meant {
  const own = claims.filter(({ userId }) => userId === id);
  return { userId: id, email, enterpriseId, claims: own, inDirectory: true };
}

/** What somebody wants to know who sees it fail. */
function told({ directory, tables, asked, persons, maxRows }: GeneratedPlatform): string {
  const words = Object.fromEntries(tables.map((table) => [table.name, table.words]));
  return `${schemaSql('generated', tables)};\n${stringify({ words, directory, asked, persons, maxRows })}`;
}
