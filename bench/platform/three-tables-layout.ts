import { type DataSource } from 'typeorm';
import { type Layout, type Population } from './layout.js';
import { idsPerPerson, people, personIn, seedDirectory, userId } from './seed-directory.js';
import { withoutIndexes } from './without-indexes.js';

/** Rows of a person. */
export interface ThreeTables {
  readonly sessions: number;
  readonly messages: number;
  readonly events: number;
}

/**
 * Three tables of 170-byte rows, for large numbers of people: what is measured is the job, not the tables. Nobody's rows
 * stand in the directory, which stays as it is.
 */
export function threeTablesLayout(rows: ThreeTables): Layout {
  const tables = Object.entries(rows) as readonly (readonly [keyof ThreeTables, number])[];
  return {
    dataMapPath: 'bench/platform/three-tables.yaml',
    rowsPerPerson: tables.reduce((sum, [, count]) => sum + count, 0),
    tables: [
      ...tables.map(([name]) => ({ name: `chat.${name}`, person: personIn.number, left: 'true' })),
      { name: 'platform.users', person: personIn.id, left: 'false' },
    ],
    async seed(source, population) {
      await withoutIndexes(source, 'platform', () => seedDirectory(source, population, 1));
      await source.query('CREATE SCHEMA chat');
      await Promise.all(tables.map(([name, count]) => makeTable(source, population, name, count)));
    },
  };
}

async function makeTable(
  source: DataSource,
  population: Population,
  name: string,
  count: number,
): Promise<void> {
  const table = `chat.${name}`;
  await source.query(`CREATE TABLE ${table} AS
    SELECT p::bigint * ${idsPerPerson} + 1 + j AS id, bot AS bot_id, ${userId} AS user_id,
      repeat(h, 12) AS body,
      timestamptz '2026-01-01Z' + (p * 7 + j) * interval '1 minute' AS created_on
    FROM ${people(population)}, generate_series(0, ${count - 1}) AS j`);
  await source.query(`ALTER TABLE ${table} ADD PRIMARY KEY (id)`);
  await source.query(`CREATE INDEX ON ${table} (user_id, id)`);
}
