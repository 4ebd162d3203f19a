import { type StoreMap } from '../../../src/stores/data-map/data-map.js';
import { parseDataMap } from '../../../src/stores/data-map/parse-data-map.js';
import { PostgresStore } from '../../../src/stores/postgres/postgres-store.js';
import { type TestDatabase } from '../../support/postgres.js';
import { StoreDriver } from '../../support/store-driver.js';

let schemas = 0;

/**
 * Tables of a schema of their own. `$s` in the statements stands for its name.
 * @param collections YAML of the map's collections
 * @param rest YAML of `retained` and `not-personal`, if any
 */
export async function makeTables(
  db: TestDatabase,
  statements: readonly string[],
  collections: string,
  rest = '',
): Promise<{ readonly schema: string; readonly map: StoreMap }> {
  schemas += 1;
  const schema = `shop${schemas}`;
  await db.run(`CREATE SCHEMA ${schema}`);
  for (const statement of statements) await db.run(statement.replaceAll('$s', schema));
  return { schema, map: storeMap(schema, collections, rest) };
}

export function storeMap(schema: string, collections: string, rest = ''): StoreMap {
  const indented = (text: string, by: number): string =>
    text
      .split('\n')
      .map((line) => ' '.repeat(by) + line)
      .join('\n');
  const [store] = parseDataMap(
    `version: 1
stores:
  shop:
    kind: postgres
    url: \${DATABASE_URL}
    schema: ${schema}
    collections:
${indented(collections, 6)}
${indented(rest, 4)}`,
  ).stores;
  if (!store) throw new Error('the map names a store');
  return store;
}

export interface Shop {
  readonly schema: string;
  readonly driver: StoreDriver;
  /** What a table holds, in the order of its first column. */
  readonly rows: (table?: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** Tables of a schema of their own, and a store over them. */
export async function openShop(
  db: TestDatabase,
  statements: readonly string[],
  collections: string,
  rest = '',
): Promise<Shop> {
  const { map, schema } = await makeTables(db, statements, collections, rest);
  return {
    schema,
    driver: await StoreDriver.with(db, new PostgresStore(map)),
    rows: async (table = 'notes') => {
      const found = await db.run<{ row: Readonly<Record<string, unknown>> }>(
        `SELECT to_jsonb(t) AS row FROM ${schema}.${table} AS t ORDER BY t`,
      );
      return found.map(({ row }) => row);
    },
  };
}

/** A table with everything that a collection needs. */
export const notes = [
  `CREATE TABLE $s.notes (id bigint PRIMARY KEY, user_id text, bot_id text, body text)`,
  `CREATE INDEX ON $s.notes (user_id, id)`,
];

export const notesCollection = `notes: { ties: [{ userId: user_id }], bot: bot_id, erase: delete }`;
