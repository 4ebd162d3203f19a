import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Scope } from '../../../src/stores/store.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { StoreDriver } from '../../support/store-driver.js';
import { notes, notesCollection, openShop } from './tables.js';

const scope: Scope = { accountId: 'a', allBots: false, bots: ['b'] };

describe('overwriting', () => {
  let db: TestDatabase;

  beforeAll(async () => {
    db = await testDatabase();
  });

  afterAll(async () => {
    await db.drop();
  });

  const events = [
    `CREATE TABLE $s.events (id bigint PRIMARY KEY, user_id text, bot_id text, ref text, code uuid, amount numeric(8, 2),
       data jsonb, done boolean, happened_on timestamptz, local_time timestamp)`,
    'CREATE INDEX ON $s.events (user_id, id)',
  ];
  const collection = `events:
  ties: [{ userId: user_id }]
  bot: bot_id
  erase:
    overwrite: { user_id: null, ref: random, code: random, amount: 1, data: { a: [1, null, "x'y"] }, done: false,
      happened_on: { truncate: day }, local_time: { truncate: day } }
  keep: [id, bot_id]`;
  const fill = async (schema: string): Promise<void> => {
    await db.run(
      `INSERT INTO ${schema}.events SELECT n, 'jane', 'b', 'r', gen_random_uuid(), 7.5, '{}', true,
         '2026-03-04T23:30:00-02:00', '2026-03-04 23:30' FROM generate_series(1, 5) AS n`,
    );
  };

  it('writes what the map says, something new for each row where it says random, days in UTC', async () => {
    const { driver, rows, schema } = await openShop(db, events, collection);
    await fill(schema);
    const jane = driver.person({ userId: 'jane' });
    expect(await driver.erase('records', [jane], scope, 2)).toEqual({ [`${jane.person} shop.events`]: 5 });
    const written = await rows('events');
    for (const row of written)
      expect(row).toMatchObject({
        user_id: null,
        bot_id: 'b',
        amount: 1,
        data: { a: [1, null, "x'y"] },
        done: false,
        happened_on: '2026-03-05T00:00:00+00:00',
        local_time: '2026-03-04T00:00:00',
      });
    for (const name of ['ref', 'code']) expect(new Set(written.map((row) => row[name])).size).toBe(5);
    expect(await driver.probe('records', [jane], scope)).toEqual([]);
  });

  it.each([
    `ref = 'r'`,
    'code = gen_random_uuid()',
    'amount = 7.5',
    `data = '{}'`,
    'done = NULL',
    `happened_on = happened_on + interval '1 second'`,
  ])('is read back column by column: %s is seen', async (change) => {
    const { driver, schema } = await openShop(db, events, collection);
    await fill(schema);
    const jane = driver.person({ userId: 'jane' });
    await driver.erase('records', [jane], scope);
    await db.run(`UPDATE ${schema}.events SET ${change} WHERE id = 3`);
    expect(await driver.remaining('records', [jane], scope)).toEqual(['shop.events DATA_REMAINS']);
    await db.run(`DELETE FROM ${schema}.events WHERE id = 3`);
    expect(await driver.probe('records', [jane], scope)).toEqual([]);
  });

  it('is read back to the last row, however many rows and people: one changed row each is seen', async () => {
    const { driver, schema } = await openShop(db, events, collection);
    const many = { alice: 12_000, bob: 8_000, carol: 3, dave: 10_000, erin: 1, frank: 2 };
    await db.run(
      `INSERT INTO ${schema}.events (id, user_id, bot_id)
       SELECT row_number() OVER (ORDER BY who.nth, n), who.name, 'b'
       FROM unnest($1::text[], $2::int[]) WITH ORDINALITY AS who (name, rows, nth), generate_series(1, who.rows) n`,
      [Object.keys(many), Object.values(many)],
    );
    const people = Object.keys(many).map((userId) => driver.person({ userId }));
    // Whoever is read first was overwritten last.
    for (const one of people.toReversed()) await driver.erase('records', [one], scope, 50_000);
    expect(await driver.probe('records', people, scope)).toEqual([]);
    // The last row of each of them, but of one.
    await db.run(`UPDATE ${schema}.events SET amount = 2 WHERE id = ANY ($1::bigint[])`, [
      [12_000, 20_000, 20_003, 30_003, 30_006],
    ]);
    const found = await driver.probe('records', people, scope);
    const left = ['alice', 'bob', 'carol', 'dave', 'frank'];
    expect(found.map(({ person }) => people.find((one) => one.person === person)?.userId).toSorted()).toEqual(
      left,
    );
    // Whom nobody asks about is not told of.
    const asked = people.slice(1, 3);
    expect((await driver.probe('records', asked, scope)).map(({ person }) => person).toSorted()).toEqual(
      asked.map(({ person }) => person),
    );
  });

  it('does not depend on the time zone of who reads it back', async () => {
    const { driver, schema } = await openShop(db, events, collection);
    await fill(schema);
    const jane = driver.person({ userId: 'jane' });
    await driver.erase('records', [jane], scope);
    await db.run(`ALTER DATABASE ${db.dataSource.driver.database ?? ''} SET timezone = 'Asia/Tokyo'`);
    const other = await StoreDriver.elsewhere(db, driver);
    try {
      expect(await other.driver.probe('records', [jane], scope)).toEqual([]);
    } finally {
      await other.close();
      await db.run(`ALTER DATABASE ${db.dataSource.driver.database ?? ''} RESET timezone`);
    }
  });

  describe('triggers that the map lists', () => {
    const listed = (more: string): string =>
      notesCollection.replace(/delete }$/, `${more}, triggers: { meddle: "does something" } }`);

    it('one that keeps the row is found by the probe', async () => {
      const { driver, schema } = await openShop(
        db,
        [
          ...notes,
          `CREATE FUNCTION $s.meddle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
          'CREATE TRIGGER meddle BEFORE DELETE ON $s.notes FOR EACH ROW EXECUTE FUNCTION $s.meddle()',
        ],
        listed('delete'),
      );
      await db.run(`INSERT INTO ${schema}.notes SELECT n, 'jane', 'b' FROM generate_series(1, 10) AS n`);
      const jane = driver.person({ userId: 'jane' });
      // It ends, although nothing ever goes.
      expect(await driver.erase('records', [jane], scope, 3)).toEqual({});
      expect(await driver.remaining('records', [jane], scope)).toEqual(['shop.notes DATA_REMAINS']);
    });

    it('one that puts a value back is found, although the tie says that nothing is left', async () => {
      const { driver, rows, schema } = await openShop(
        db,
        [
          ...notes,
          `CREATE FUNCTION $s.meddle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.body := OLD.body; RETURN NEW; END'`,
          'CREATE TRIGGER meddle BEFORE UPDATE ON $s.notes FOR EACH ROW EXECUTE FUNCTION $s.meddle()',
        ],
        listed('{ overwrite: { user_id: null, body: null } }, keep: [id, bot_id]'),
      );
      await db.run(`INSERT INTO ${schema}.notes VALUES (1, 'jane', 'b', 'secret'), (2, 'joe', 'b', null)`);
      const [jane, joe] = [driver.person({ userId: 'jane' }), driver.person({ userId: 'joe' })];
      await driver.erase('records', [jane, joe], scope);
      expect(await rows()).toEqual(
        [1, 2].map((id) => expect.objectContaining({ id, user_id: null }) as unknown),
      );
      expect(await driver.probe('records', [jane, joe], scope)).toEqual([
        { person: jane.person, collection: 'shop.notes', reason: 'DATA_REMAINS' },
      ]);
    });
  });
});
