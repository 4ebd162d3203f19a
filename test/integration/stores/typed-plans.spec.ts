import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { checkStore } from '../../../src/stores/postgres/checks/check-store.js';
import { erasingStatement } from '../../../src/stores/postgres/erase-step.js';
import { looksFor } from '../../../src/stores/postgres/keys/looks.js';
import { type CollectionPlan } from '../../../src/stores/postgres/plan/collection-plan.js';
import { PostgresStore } from '../../../src/stores/postgres/postgres-store.js';
import { probeStatement } from '../../../src/stores/postgres/statements/probe-statement.js';
import { stepsOf } from './steps-of.js';
import { type PersonKeys, type Scope } from '../../../src/stores/store.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { StoreDriver } from '../../support/store-driver.js';
import { scans, scansAfter } from './query-plan.js';
import { storeMap } from './tables.js';

const uuidOf = (n: number): string => {
  const hex = createHash('md5').update(String(n)).digest('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};

/** 60,000 rows each, a third of one person: people are uuids, bots and numbers are numbers; plain, and in four partitions. */
const tables = [
  'CREATE SCHEMA typed',
  'CREATE TABLE typed.posts (id uuid PRIMARY KEY, bot_id integer, person uuid, staff_no bigint, words text)',
  'CREATE TABLE typed.calls (id uuid PRIMARY KEY, bot_id integer, person uuid, staff_no bigint, words text) PARTITION BY HASH (id)',
  ...[0, 1, 2, 3].map(
    (n) =>
      `CREATE TABLE typed.calls_${n} PARTITION OF typed.calls FOR VALUES WITH (MODULUS 4, REMAINDER ${n})`,
  ),
  ...['posts', 'calls'].flatMap((table) => [
    `CREATE INDEX ON typed.${table} (person, id)`,
    `CREATE INDEX ON typed.${table} (staff_no, id)`,
    `INSERT INTO typed.${table}
     SELECT md5('${table}' || n)::uuid, n % 5, md5(who::text)::uuid, who, repeat('w', 60)
     FROM (SELECT n, CASE WHEN n % 3 = 0 THEN 0 ELSE 1 + n % 1000 END AS who FROM generate_series(1, 60000) n) rows`,
    `ANALYZE typed.${table}`,
  ]),
];
const map = storeMap(
  'typed',
  `posts: { ties: [{ userId: person }, { enterpriseId: staff_no }], bot: bot_id, erase: delete }
calls:
  ties: [{ userId: person }, { enterpriseId: staff_no }]
  bot: bot_id
  erase: { overwrite: { person: null, staff_no: null, words: null } }
  keep: [id, bot_id]`,
);
const scopes: Record<string, Scope> = {
  'all bots': { accountId: 'a', allBots: true, bots: ['0', '1', 'st-none'] },
  'one bot': { accountId: 'a', allBots: false, bots: ['1', 'st-none'] },
};
const groups: Record<string, number> = { 'the one who owns a third': 1, 'a hundred persons': 100 };

describe('statements over columns that are no text', () => {
  let db: TestDatabase;
  let client: Client;
  let driver: StoreDriver;
  let collections: readonly CollectionPlan[];

  beforeAll(async () => {
    db = await testDatabase();
    for (const statement of tables) await db.run(statement);
    client = new Client({ connectionString: db.url });
    await client.connect();
    driver = await StoreDriver.with(db, new PostgresStore(map));
    const checked = await driver.within((manager) => checkStore(manager, map));
    expect(checked.findings).toEqual([]);
    ({ collections } = checked);
  });

  afterAll(async () => {
    await client.end();
    await db.drop();
  });

  /** Every tenth has keys that fit no column. */
  const persons = (count: number): readonly PersonKeys[] =>
    Array.from({ length: count }, (_, n) =>
      driver.person(
        n % 10 === 9
          ? { userId: `u-${n}`, enterpriseId: `E-${n}` }
          : { userId: uuidOf(n), enterpriseId: String(n) },
      ),
    );

  describe.each(Object.entries(scopes))('for %s', (_, scope) => {
    it.each(Object.entries(groups))(
      'erase and probe by index, at first and after eight executions: %s',
      async (_who, count) => {
        const who = persons(count);
        const steps = stepsOf(collections, 'records', who, scope);
        expect(steps.length).toBeGreaterThanOrEqual(4);
        const statements = [
          ...steps.map((step) =>
            erasingStatement({ step, scope, batchId: driver.batchId, from: null, maxRows: 500 }),
          ),
          ...collections.flatMap((collection) =>
            collection.ties.map((tie) =>
              probeStatement(
                [
                  {
                    collection,
                    tie,
                    looks: looksFor(collection, tie, who, scope),
                    needed: 'whether needed or not',
                  },
                ],
                scope,
              ),
            ),
          ),
        ];
        for (const statement of statements)
          for (const found of [
            await scans(client, 'typed', statement),
            await scansAfter(client, 'typed', statement, 8),
          ]) {
            expect(found.length).toBeGreaterThan(0);
            expect(found.filter((scan) => scan.startsWith('Seq'))).toEqual([]);
          }
      },
    );
  });

  it('one key that fits no column fails nobody else', async () => {
    const [heavy, odd] = [driver.person({ userId: uuidOf(0) }), driver.person({ userId: 'u-odd' })];
    const scope = scopes['one bot'] as Scope;
    expect(await driver.erase('records', [odd, heavy], scope)).toEqual({
      [`${heavy.person} shop.posts`]: 4_000,
      [`${heavy.person} shop.calls`]: 4_000,
    });
    expect(await driver.probe('records', [odd, heavy], scope)).toEqual([]);
  });
});
