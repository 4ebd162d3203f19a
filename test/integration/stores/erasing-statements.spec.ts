import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadDataMap } from '../../../src/stores/data-map/load-data-map.js';
import { type StoreMap } from '../../../src/stores/data-map/data-map.js';
import { erasingStatement } from '../../../src/stores/postgres/erase-step.js';
import { checkStore } from '../../../src/stores/postgres/checks/check-store.js';
import { type CollectionPlan } from '../../../src/stores/postgres/plan/collection-plan.js';
import { type Step } from '../../../src/stores/postgres/steps.js';
import { stepsOf } from './steps-of.js';
import { PostgresStore } from '../../../src/stores/postgres/postgres-store.js';
import { type PersonKeys, type Scope } from '../../../src/stores/store.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { identity, StoreDriver } from '../../support/store-driver.js';
import { makeTables } from './tables.js';

const scopes: readonly Scope[] = [
  { accountId: 'a', allBots: true, bots: ['b', 'c'] },
  { accountId: 'a', allBots: false, bots: ['b'] },
];

const tables = [
  `CREATE TABLE $s.notes (id bigint PRIMARY KEY, user_id text, email text, code text, identity text, channel text,
     channel_user text, bot_id text, owner text, state integer)`,
  'CREATE INDEX ON $s.notes (user_id, id)',
  'CREATE INDEX ON $s.notes (lower(email COLLATE "und-x-icu"), id)',
  'CREATE INDEX ON $s.notes (code, id)',
  'CREATE INDEX ON $s.notes (identity, id)',
  'CREATE INDEX ON $s.notes (channel_user, channel, id)',
];
const ties = `[{ userId: user_id, onlyWhen: { state: 1 } }, { email: email }, { enterpriseId: code }, { identity: identity },
    { channelId: channel, channelUserId: channel_user, onlyWhen: { user_id: null } }]`;
const collection = (erase: string): string => `notes:
  ties: ${ties}
  bot: bot_id
  account: owner
  erase: ${erase}`;
const overwritten = `{ overwrite: { user_id: null, email: null, code: null, identity: random, channel_user: null } }
  keep: [id, channel, bot_id, owner, state]`;

describe('every erasing statement', () => {
  let db: TestDatabase;
  let driver: StoreDriver;
  let jane: PersonKeys;

  beforeAll(async () => {
    db = await testDatabase();
    const [map] = (await loadDataMap('data-map.yaml')).stores;
    driver = await StoreDriver.with(db, new PostgresStore(map as StoreMap));
    jane = driver.person({
      userId: 'jane',
      email: 'jane@example.com',
      enterpriseId: 'E-1',
      identities: [
        identity('sms|1'),
        identity('sms|2', { bots: ['b'] }),
        identity('sms|3', { sharedBots: ['b'] }),
      ],
    });
  });

  afterAll(async () => {
    await db.drop();
  });

  async function plans(map: StoreMap): Promise<readonly CollectionPlan[]> {
    const { findings, collections } = await driver.within((manager) => checkStore(manager, map));
    expect(findings).toEqual([]);
    return collections;
  }

  const steps = (collections: readonly CollectionPlan[], scope: Scope): readonly Step[] => [
    ...stepsOf(
      collections,
      'records',
      [jane, driver.person({ userId: 'visitor', inDirectory: false })],
      scope,
    ),
    ...stepsOf(collections, 'directory', [jane], scope),
  ];

  const textOf = (step: Step, scope: Scope): string =>
    erasingStatement({ step, scope, batchId: driver.batchId, from: null, maxRows: 5 }).text;

  it('carries the whole predicate of person, bot and account on its outermost level', async () => {
    const [platform] = (await loadDataMap('data-map.yaml')).stores;
    const maps = [
      platform as StoreMap,
      (await makeTables(db, tables, collection('delete'))).map,
      (await makeTables(db, tables, collection(overwritten))).map,
    ];
    let read = 0;
    for (const map of maps)
      for (const scope of scopes)
        for (const step of steps(await plans(map), scope)) {
          const text = textOf(step, scope);
          expect([step.id, missing(text, step)]).toEqual([step.id, []]);
          read += 1;
        }
    expect(read).toBeGreaterThan(50);
  });

  it('would be refused without it', async () => {
    const { map } = await makeTables(db, tables, collection('delete'));
    const [scope] = scopes as [Scope];
    for (const step of steps(await plans(map), scope)) {
      const text = textOf(step, scope);
      const outermost = outermostCondition(text);
      expect(
        missing(text.replace(outermost, outermost.slice(0, outermost.indexOf(' AND (picked.belongs'))), step),
      ).not.toEqual([]);
    }
  });

  it.each([
    ['delete', 'delete'],
    ['overwrite', overwritten],
  ])('erases nobody else’s rows, whatever rows it picks: %s', async (_, erase) => {
    const { map, schema } = await makeTables(db, tables, collection(erase));
    const collections = await plans(map);
    await db.run(
      `INSERT INTO ${schema}.notes
       SELECT row_number() OVER (), user_id, email, code, identity, channel, channel_user, bot_id, owner, state
       FROM unnest(ARRAY['jane', 'joe', NULL]) AS user_id, unnest(ARRAY['Jane@example.com', 'joe@example.com']) AS email,
         unnest(ARRAY['E-1', 'E-2']) AS code, unnest(ARRAY['sms/1', 'sms/2', 'sms/3']) AS identity,
         unnest(ARRAY['sms', 'line']) AS channel, unnest(ARRAY['1', '2', '3']) AS channel_user,
         unnest(ARRAY['b', 'd', NULL]) AS bot_id, unnest(ARRAY['a', 'z', NULL]) AS owner, unnest(ARRAY[1, 2]) AS state`,
    );
    let erasing = 0;
    for (const scope of scopes)
      for (const step of steps(collections, scope)) {
        const run = { step, scope, batchId: driver.batchId, from: null, maxRows: 1_000_000 };
        const honest = erasingStatement(run);
        const walk = { ...step.keys, walk: await everyKey(step, schema) };
        const greedy = erasingStatement({ ...run, step: { ...step, keys: walk } });
        const left = await after(schema, honest.text, honest.parameters);
        erasing += left.length < 3_888 ? 1 : 0;
        expect([step.id, await after(schema, pickAll(greedy.text), greedy.parameters)]).toEqual([
          step.id,
          left,
        ]);
      }
    expect(erasing).toBe(10);
  });

  /** All that could be looked for in the table. */
  async function everyKey(step: Step, schema: string): Promise<readonly (readonly string[])[]> {
    // As the key sets have it: whose a key is, is told by its number.
    const columns = step.tie.columns.map(({ name }) =>
      step.tie.kind === 'email' ? `lower("${name}")` : `"${name}"`,
    );
    const rows = await db.run<{ key: string[] }>(
      `SELECT DISTINCT ARRAY[${columns.join(', ')}] AS key FROM ${schema}.notes
       WHERE num_nulls(${columns.join(', ')}) = 0`,
    );
    return rows.map(({ key }) => key);
  }

  /** Ids of the rows that a statement leaves as they were; then everything is as before. */
  async function after(
    schema: string,
    text: string,
    parameters: readonly unknown[],
  ): Promise<readonly string[]> {
    const undo = new Error('undo');
    let ids: readonly string[] = [];
    await driver
      .within(async (manager) => {
        const before = await manager.query<{ id: string; row: string }[]>(
          `SELECT id, t::text AS row FROM ${schema}.notes AS t ORDER BY id`,
        );
        await manager.query(text, [...parameters]);
        const rows = await manager.query<{ id: string; row: string }[]>(
          `SELECT id, t::text AS row FROM ${schema}.notes AS t ORDER BY id`,
        );
        const now = new Map(rows.map(({ id, row }) => [id, row]));
        ids = before.filter(({ id, row }) => now.get(id) === row).map(({ id }) => id);
        throw undo;
      })
      .catch((error: unknown) => {
        if (error !== undo) throw error;
      });
    return ids;
  }
});

/** The condition of the one DELETE or UPDATE of a statement. */
function outermostCondition(text: string): string {
  const erasing = text.match(/\b(?:DELETE FROM|UPDATE) [^]*?\n {2}WHERE ([^]*?)\n {2}RETURNING/g) ?? [];
  expect(erasing).toHaveLength(1);
  const found = /\n {2}WHERE ([^]*?)\n {2}RETURNING/.exec(erasing[0] ?? '')?.[1];
  if (found === undefined) throw new Error('a statement that erases without a condition');
  return found;
}

/** What a row is someone's by, as the condition has it. */
function keyOf({ kind, columns }: Step['tie']): string {
  const names = columns.map(({ name }) => `t."${name}"`).join(', ');
  switch (kind) {
    case 'email':
      return `(lower(${names} COLLATE "und-x-icu")`;
    case 'identity':
    case 'pair':
      return `((${names})`;
    case 'userId':
    case 'enterpriseId':
      return `(${names}`;
  }
}

/** What the outermost condition fails to say of the row that is erased. */
function missing(
  text: string,
  { collection: { bot, account, primaryKey }, tie, keys }: Step,
): readonly string[] {
  const condition = outermostCondition(text);
  const needed = [
    ...primaryKey.map(({ name }) => `t."${name}" = ANY (ARRAY[picked.`),
    `${keyOf(tie)} IN (SELECT `,
    ...(bot ? [keys.reach === 'bots' ? `(t."${bot.name}" IN (SELECT ` : `b.id = t."${bot.name}"`] : []),
    ...(account ? [`t."${account.name}" = `] : []),
    ...tie.onlyWhen.map(({ column, value }) => `t."${column.name}" ${value === null ? 'IS NULL' : '= $'}`),
    '(picked.belongs AND ',
    ') IS TRUE',
  ];
  return needed.filter((part) => !condition.includes(part));
}

/** The same statement, picking every row that it walks. */
function pickAll(text: string): string {
  const end = text.indexOf(') AS belongs');
  let depth = 1;
  let start = end;
  while (depth > 0) {
    start -= 1;
    if (text[start] === ')') depth += 1;
    if (text[start] === '(') depth -= 1;
  }
  return `${text.slice(0, start)}true AS belongs${text.slice(end + ') AS belongs'.length)}`;
}
