import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Scope } from '../../../src/stores/store.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { notes, notesCollection, openShop } from './tables.js';

const scope: Scope = { accountId: 'a', allBots: false, bots: ['b'] };

describe('rows that other rows hang on', () => {
  let db: TestDatabase;

  beforeAll(async () => {
    db = await testDatabase();
  });

  afterAll(async () => {
    await db.drop();
  });

  const threads = [
    'CREATE TABLE $s.threads (id bigint PRIMARY KEY, user_id text, bot_id text, title text, tags jsonb)',
    'CREATE INDEX ON $s.threads (user_id, id)',
    ...notes,
    'ALTER TABLE $s.notes ADD thread_id bigint REFERENCES $s.threads',
    'CREATE INDEX ON $s.notes (thread_id)',
  ];
  const thread = (more = ''): string =>
    `threads: { ties: [{ userId: user_id }], bot: bot_id, erase: delete${more} }\n${notesCollection}`;
  const fill = async (schema: string): Promise<void> => {
    await db.run(
      `INSERT INTO ${schema}.threads VALUES (1, 'jane', 'b', 'mine', '{"x": 1}'), (2, 'jane', 'b', 'ours', '{"x": 1}'),
         (3, 'joe', 'b', 'theirs', null), (4, 'jane', 'b', 'with nobody', null)`,
    );
    await db.run(
      `INSERT INTO ${schema}.notes (id, user_id, bot_id, thread_id) VALUES
         (1, 'jane', 'b', 1), (2, 'jane', 'b', 2), (3, 'joe', 'b', 2), (4, 'jane', 'b', 3), (5, null, 'b', 4)`,
    );
  };

  it('are overwritten when they are shared with others or with nobody, once, and the others deleted', async () => {
    const { driver, rows, schema } = await openShop(
      db,
      threads,
      thread(', whenShared: { user_id: null, title: gone, tags: {} }'),
    );
    await fill(schema);
    const jane = driver.person({ userId: 'jane' });
    expect(await driver.erase('records', [jane], scope, 1)).toEqual({
      [`${jane.person} shop.notes`]: 3,
      [`${jane.person} shop.threads`]: 3,
    });
    expect(await rows('threads')).toEqual([
      { id: 2, user_id: null, bot_id: 'b', title: 'gone', tags: {} },
      { id: 3, user_id: 'joe', bot_id: 'b', title: 'theirs', tags: null },
      { id: 4, user_id: null, bot_id: 'b', title: 'gone', tags: {} },
    ]);
    expect(await rows('notes')).toHaveLength(2);
    expect(await driver.probe('records', [jane], scope)).toEqual([]);
    expect(await driver.erase('records', [jane], scope)).toEqual({});
  });

  it('stay without whenShared, and the probe says why', async () => {
    const { driver, rows, schema } = await openShop(db, threads, thread());
    await fill(schema);
    const jane = driver.person({ userId: 'jane' });
    await driver.erase('records', [jane], scope);
    expect(await rows('threads')).toHaveLength(3);
    expect(await driver.remaining('records', [jane], scope)).toEqual(['shop.threads SHARED_WITH_OTHERS']);
  });

  it('are not shared with others while rows of the same person hang on them', async () => {
    const { driver, schema } = await openShop(db, threads, thread());
    await fill(schema);
    const jane = driver.person({ userId: 'jane' });
    expect(await driver.remaining('records', [jane], scope)).toEqual([
      'shop.notes DATA_REMAINS',
      'shop.threads DATA_REMAINS',
    ]);
  });

  it('count also for tables that the map does not know, in whatever schema', async () => {
    const { driver, schema } = await openShop(db, notes, notesCollection);
    await db.run('CREATE SCHEMA IF NOT EXISTS archive');
    await db.run(`CREATE TABLE archive.pages (note_id bigint REFERENCES ${schema}.notes)`);
    await db.run('CREATE INDEX ON archive.pages (note_id)');
    await db.run(`INSERT INTO ${schema}.notes VALUES (1, 'jane', 'b'), (2, 'jane', 'b')`);
    await db.run('INSERT INTO archive.pages VALUES (1)');
    const jane = driver.person({ userId: 'jane' });
    expect(await driver.erase('records', [jane], scope)).toEqual({ [`${jane.person} shop.notes`]: 1 });
    expect(await driver.remaining('records', [jane], scope)).toEqual(['shop.notes SHARED_WITH_OTHERS']);
  });

  it('of the same table go from the last answer to the first question', async () => {
    const { driver, rows, schema } = await openShop(
      db,
      [
        ...notes,
        'ALTER TABLE $s.notes ADD answers bigint REFERENCES $s.notes',
        'CREATE INDEX ON $s.notes (answers)',
      ],
      notesCollection,
    );
    await db.run(
      `INSERT INTO ${schema}.notes (id, user_id, bot_id, answers) VALUES (1, 'jane', 'b', null), (2, 'jane', 'b', 1),
         (3, 'jane', 'b', 2), (4, 'jane', 'b', null), (5, 'joe', 'b', 4), (6, 'jane', 'b', 5)`,
    );
    const jane = driver.person({ userId: 'jane' });
    expect(await driver.erase('records', [jane], scope, 2)).toEqual({ [`${jane.person} shop.notes`]: 4 });
    expect(await rows()).toEqual([4, 5].map((id) => expect.objectContaining({ id }) as unknown));
    expect(await driver.remaining('records', [jane], scope)).toEqual(['shop.notes SHARED_WITH_OTHERS']);
  });

  it('when one appears in the very moment, it is a conflict that may pass', async () => {
    const { driver, schema } = await openShop(db, threads, thread());
    await db.run(`INSERT INTO ${schema}.threads VALUES (1, 'jane', 'b', 'mine')`);
    const jane = driver.person({ userId: 'jane' });
    await driver.check();
    const chat = db.dataSource.createQueryRunner();
    await chat.startTransaction();
    await chat.query(
      `INSERT INTO ${schema}.notes (id, user_id, bot_id, thread_id) VALUES (1, 'joe', 'b', 1)`,
    );
    const erasing = driver.erase('records', [jane], scope);
    const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    while ((await db.run(waiting)).length === 0) await new Promise(setImmediate);
    await chat.commitTransaction();
    await chat.release();
    await expect(erasing).rejects.toMatchObject({ sqlState: '40001', transient: true });
    await driver.erase('records', [jane], scope);
    expect(await driver.remaining('records', [jane], scope)).toEqual(['shop.threads SHARED_WITH_OTHERS']);
  });
  it('works after the tables, not before: a collection that the map orders goes when it says', async () => {
    const { driver, schema } = await openShop(
      db,
      [
        ...notes,
        ...notes.map((statement) => statement.replaceAll('notes', 'alerts')),
        `CREATE TABLE $s.log (at bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what text)`,
        `CREATE FUNCTION $s.tell() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO $s.log (what) VALUES (TG_TABLE_NAME); RETURN NULL; END'`,
        ...['notes', 'alerts'].map(
          (table) =>
            `CREATE TRIGGER tell AFTER DELETE ON $s.${table} FOR EACH ROW EXECUTE FUNCTION $s.tell()`,
        ),
      ],
      `alerts: { ties: [{ userId: user_id }], bot: bot_id, erase: delete, after: [notes], triggers: { tell: logs } }
${notesCollection.replace(/ }$/, ', triggers: { tell: logs } }')}`,
      'not-personal: [log]',
    );
    await db.run(`INSERT INTO ${schema}.notes VALUES (1, 'jane', 'b')`);
    await db.run(`INSERT INTO ${schema}.alerts VALUES (1, 'jane', 'b')`);
    await driver.erase('records', [driver.person({ userId: 'jane' })], scope);
    expect(await db.run(`SELECT what FROM ${schema}.log ORDER BY at`)).toEqual([
      { what: 'notes' },
      { what: 'alerts' },
    ]);
  });
});
