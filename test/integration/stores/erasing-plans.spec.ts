import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { erasingStatement } from '../../../src/stores/postgres/erase-step.js';
import { checkStore } from '../../../src/stores/postgres/checks/check-store.js';
import { looksFor } from '../../../src/stores/postgres/keys/looks.js';
import { type CollectionPlan } from '../../../src/stores/postgres/plan/collection-plan.js';
import { probeStatement } from '../../../src/stores/postgres/statements/probe-statement.js';
import { type Statement } from '../../../src/stores/postgres/statements/statement.js';
import { type Step } from '../../../src/stores/postgres/steps.js';
import { stepsOf } from './steps-of.js';
import { PostgresStore } from '../../../src/stores/postgres/postgres-store.js';
import { type PersonKeys, type Phase, type Scope } from '../../../src/stores/store.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { identity, StoreDriver } from '../../support/store-driver.js';
import { makeLargeDirectory } from './large-directory.js';
import { heavy, largeMap, makeLargeTables, partitions, users } from './large-tables.js';
import { blindEffort, effort, listsSearched, scans, scansAfter } from './query-plan.js';

const [map] = largeMap.stores;
if (!map) throw new Error('the map names a store');
const bots = ['st-0', 'st-1', 'st-2', 'st-3', 'st-4'];
const scopes: Record<string, Scope> = {
  'all bots': { accountId: 'a', allBots: true, bots },
  'one bot': { accountId: 'a', allBots: false, bots: ['st-1'] },
};
const phases: readonly Phase[] = ['records', 'directory'];
const chunks: Record<string, number> = { 'the heavy person alone': 1, 'a hundred persons': 100 };

/**
 * Rows that may be read for each one that is walked: that row, the same again to erase it, and one of each table that may
 * hang on it. Of a partitioned one it is one of each partition: nothing but a look into all of them tells that none does.
 */
const readings: Readonly<Record<string, number>> = {
  threads: 2 + 1,
  messages: 2,
  events: 2,
  identities: 2,
  members: 2,
  users: 2 + 1 + partitions,
};

/** Where a statement goes on amid the rows of a person, by the type of the primary key's column. */
const amid: Readonly<Record<string, string>> = {
  bigint: '1000',
  text: '',
  'timestamp with time zone': '2026-04-01 00:00:00+00',
};

/** Whose rows a phase erases. */
function tablesOf(phase: Phase, { allBots }: Scope): readonly string[] {
  if (phase === 'records') return ['threads', 'messages', 'events'];
  return allBots ? ['identities', 'members', 'users'] : ['identities'];
}

describe('the plans of statements on tables of a million rows', () => {
  let db: TestDatabase;
  let client: Client;
  let driver: StoreDriver;
  let collections: readonly CollectionPlan[];

  beforeAll(async () => {
    db = await testDatabase();
    await db.run('CREATE SCHEMA chat');
    await Promise.all([makeLargeTables(db), makeLargeDirectory(db)]);
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

  /** The heavy one first; of the second half of a hundred nothing is left but the user. */
  function persons(count: number): readonly PersonKeys[] {
    return Array.from({ length: count }, (_, n) =>
      driver.person({
        userId: `u-${n < 50 ? n : users + n}`,
        identities: [identity(`web|w-${n}`), identity(`sms|${n}`, { sharedBots: ['st-1'] })],
      }),
    );
  }

  /** As it begins, and where it goes on amid the rows of a person. */
  function statementsOf(step: Step, scope: Scope, maxRows: number): readonly Statement[] {
    const key = step.keys.walk[0] ?? [];
    const at = step.collection.primaryKey.map(({ type }) => amid[type] ?? '');
    const run = { step, scope, batchId: driver.batchId, maxRows };
    return [null, { key, after: at }].map((from) => erasingStatement({ ...run, from }));
  }

  describe.each(Object.entries(scopes))('for %s', (_, scope) => {
    describe.each(Object.entries(chunks))('for %s', (_, count) => {
      describe.each(phases)('in the phase %s', (phase) => {
        it.each([500, 5_000])(
          'erase up to %i rows without reading a table from end to end',
          async (maxRows) => {
            const steps = stepsOf(collections, phase, persons(count), scope);
            expect(new Set(steps.map(({ collection }) => collection.name))).toEqual(
              new Set(tablesOf(phase, scope)),
            );
            for (const step of steps)
              for (const statement of statementsOf(step, scope, maxRows)) {
                const found = await scans(client, 'chat', statement);
                expect(found.length).toBeGreaterThan(1);
                expect([
                  step.id,
                  found.filter((scan) => !scan.startsWith('Index') && !scan.startsWith('Bitmap')),
                ]).toEqual([step.id, []]);
              }
          },
        );

        it('stay so after eight executions', async () => {
          for (const step of stepsOf(collections, phase, persons(count), scope))
            for (const statement of statementsOf(step, scope, 100)) {
              const found = await scansAfter(client, 'chat', statement, 8);
              expect(found.length).toBeGreaterThan(1);
              expect([step.id, found.filter((scan) => scan.startsWith('Seq'))]).toEqual([step.id, []]);
            }
        });

        it('compare no row with every key, or with every bot', async () => {
          for (const step of stepsOf(collections, phase, persons(count), scope))
            for (const statement of statementsOf(step, scope, 100))
              expect([step.id, await listsSearched(client, 'chat', statement)]).toEqual([step.id, []]);
        });

        it.each([
          ['knowing the values', effort],
          ['knowing nothing of them', blindEffort],
        ])('look at few more rows than they may erase, planned %s', async (_name, effortOf) => {
          for (const step of stepsOf(collections, phase, persons(count), scope))
            for (const statement of statementsOf(step, scope, 200)) {
              await client.query('BEGIN');
              const { rows } = await effortOf(client, 'chat', statement);
              await client.query('ROLLBACK');
              // A merge of partitions has read one row of each when it begins.
              const most = (readings[step.collection.name] ?? 0) * 200 + partitions;
              expect([step.id, rows]).toEqual([step.id, Math.min(rows, most)]);
            }
        });
      });

      it('probe without reading a table from end to end', async () => {
        for (const collection of collections)
          for (const tie of collection.ties)
            for (const needed of ['whether needed or not', 'needed', 'not needed'] as const) {
              if (needed !== 'whether needed or not' && collection.hanging.length === 0) continue;
              const looks = looksFor(collection, tie, persons(count), scope);
              const found = await scans(
                client,
                'chat',
                probeStatement([{ collection, tie, looks, needed }], scope),
              );
              expect(found.length).toBeGreaterThan(0);
              expect(found.filter((scan) => scan.startsWith('Seq'))).toEqual([]);
            }
      });

      it('probe all that there is to ask in one statement without reading a table from end to end', async () => {
        const questions = collections.flatMap((collection) =>
          collection.ties.flatMap((tie) => {
            const looks = looksFor(collection, tie, persons(count), scope);
            const asked =
              collection.hanging.length === 0
                ? (['whether needed or not'] as const)
                : (['needed', 'not needed'] as const);
            return looks.length === 0 ? [] : asked.map((needed) => ({ collection, tie, looks, needed }));
          }),
        );
        expect(questions.length).toBeGreaterThan(3);
        const found = await scansAfter(client, 'chat', probeStatement(questions, scope), 1);
        expect(found.length).toBeGreaterThan(2 * questions.length - 1);
        expect(found.filter((scan) => scan.startsWith('Seq'))).toEqual([]);
      });
    });
  });

  it('do not grow with the rows that were overwritten since the statistics were made', async () => {
    const events = collections.find(({ name }) => name === 'events') as CollectionPlan;
    const [, pair] = events.ties;
    if (!pair) throw new Error('events are tied by channel as well');
    const gone = Array.from({ length: 100 }, (_, n) =>
      driver.person({ userId: null, identities: [identity(`web|gone-${n}`)] }),
    );
    const looks = looksFor(events, pair, gone, scopes['all bots'] as Scope);
    const probe = probeStatement(
      [{ collection: events, tie: pair, looks, needed: 'whether needed or not' }],
      scopes['all bots'] as Scope,
    );
    await client.query('BEGIN');
    const before = await effort(client, 'chat', probe);
    await client.query(`UPDATE chat.events SET user_id = NULL, channel_id = NULL WHERE id % 10 = 0`);
    const after = await effort(client, 'chat', probe);
    await client.query('ROLLBACK');
    expect(before.rows + after.rows).toBe(0);
    expect(after.blocks).toBeLessThan(1.5 * before.blocks);
  });

  it.each([
    ['messages', 'records', 0],
    // In each partition one page more or less of the index, and of the table.
    ['identities', 'directory', 2 * partitions],
  ] as const)('do not grow with the rows of %s that former steps erased', async (table, phase, leeway) => {
    const step = stepsOf(collections, phase, persons(1), scopes['all bots'] as Scope).find(
      ({ id }) => id === `${table} delete 0 account`,
    ) as Step;
    const blocks: number[] = [];
    await client.query('BEGIN');
    for (let round = 0; round < 50; round += 1) {
      // Every third row is theirs.
      const from = round === 0 ? null : { key: [heavy], after: [String(round * 500 * 3)] };
      const scope = scopes['all bots'] as Scope;
      const statement = erasingStatement({ step, scope, batchId: driver.batchId, maxRows: 500, from });
      blocks.push((await effort(client, 'chat', statement)).blocks);
    }
    const { rows } = await client.query(
      `SELECT 1 FROM chat.${table} WHERE user_id = '${heavy}' AND id <= 75000`,
    );
    await client.query('ROLLBACK');
    expect(rows).toEqual([]);
    expect(Math.max(...blocks.slice(1))).toBeLessThan(1.1 * Math.min(...blocks.slice(1)) + leeway);
  });
});
