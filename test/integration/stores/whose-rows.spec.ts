import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Scope } from '../../../src/stores/store.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { identity } from '../../support/store-driver.js';
import { notesCollection, openShop } from './tables.js';

const scope: Scope = { accountId: 'a', allBots: false, bots: ['b'] };
const allBots: Scope = { ...scope, allBots: true };

describe('whose rows are erased', () => {
  let db: TestDatabase;

  beforeAll(async () => {
    db = await testDatabase();
  });

  afterAll(async () => {
    await db.drop();
  });

  it('a ctid is unique in one partition only: a stranger’s 50 rows beside the person’s 50 stay', async () => {
    const { driver, rows, schema } = await openShop(
      db,
      [
        `CREATE TABLE $s.notes (id bigint, user_id text, bot_id text, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)`,
        `CREATE TABLE $s.notes_1 PARTITION OF $s.notes FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')`,
        `CREATE TABLE $s.notes_2 PARTITION OF $s.notes FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')`,
        `CREATE INDEX ON $s.notes (user_id, id)`,
      ],
      notesCollection,
    );
    // Ids of the two are the same as well: only the whole primary key tells them apart.
    await db.run(
      `INSERT INTO ${schema}.notes SELECT n, 'jane', 'b', date '2026-01-05' FROM generate_series(1, 50) AS n
       UNION ALL SELECT n, 'joe', 'b', date '2026-02-05' FROM generate_series(1, 50) AS n`,
    );
    const jane = driver.person({ userId: 'jane' });
    expect(await driver.erase('records', [jane], scope, 7)).toEqual({ [`${jane.person} shop.notes`]: 50 });
    expect(await driver.probe('records', [jane], scope)).toEqual([]);
    expect(await db.run(`SELECT user_id, count(*)::int FROM ${schema}.notes GROUP BY 1`)).toEqual([
      { user_id: 'joe', count: 50 },
    ]);
    expect(await rows('notes_1')).toEqual([]);
  });

  describe('identities', () => {
    const tables = [
      `CREATE TABLE $s.notes (id bigint PRIMARY KEY, bot_id text, user_id text, channel text, channel_user text, identity text)`,
      `CREATE INDEX ON $s.notes (channel_user, channel, id)`,
      `CREATE INDEX ON $s.notes (identity, id)`,
    ];
    const byPair = `notes: { ties: [{ channelId: channel, channelUserId: channel_user, onlyWhen: { user_id: null } }], bot: bot_id, erase: delete }`;
    const byIdentity = `notes: { ties: [{ identity: identity }], bot: bot_id, erase: delete }`;
    const both: Scope = { ...scope, bots: ['b', 'c'] };

    it('page-scoped ids count for their bot only, and one of two persons in one statement is not the other', async () => {
      const { driver, rows, schema } = await openShop(db, tables, byPair);
      await db.run(
        `INSERT INTO ${schema}.notes (id, bot_id, channel, channel_user) VALUES
           (1, 'b', 'facebook', '4477'), (2, 'c', 'facebook', '4477'), (3, 'b', 'facebook', '4477'), (4, 'x', 'facebook', '4477')`,
      );
      const jane = driver.person({ identities: [identity('facebook|4477', { bots: ['b'] })] });
      const joe = driver.person({ identities: [identity('facebook|4477', { bots: ['c'] })] });
      expect(await driver.erase('records', [jane, joe], both)).toEqual({
        [`${jane.person} shop.notes`]: 2,
        [`${joe.person} shop.notes`]: 1,
      });
      expect(await rows()).toHaveLength(1);
    });

    it('an identity that two users have in a bot erases nothing there, and everything in the others', async () => {
      const { driver, rows, schema } = await openShop(db, tables, byPair);
      await db.run(
        `INSERT INTO ${schema}.notes (id, bot_id, channel, channel_user) VALUES (1, 'b', 'sms', '1'), (2, 'c', 'sms', '1')`,
      );
      const jane = driver.person({ identities: [identity('sms|1', { sharedBots: ['b'] })] });
      expect(await driver.erase('records', [jane], both)).toEqual({ [`${jane.person} shop.notes`]: 1 });
      expect(await rows()).toEqual([expect.objectContaining({ id: 1 })]);
      expect(await driver.remaining('records', [jane], both)).toEqual(['shop.notes SHARED_IDENTITY']);
    });

    it('one string, two identities: (5f1e/genesys, conv-9) and (5f1e, genesys/conv-9)', async () => {
      const { driver, rows, schema } = await openShop(db, tables, byIdentity);
      await db.run(
        `INSERT INTO ${schema}.notes (id, bot_id, identity) VALUES (1, 'b', '5f1e/genesys/conv-9'), (2, 'c', '5f1e/genesys/conv-9')`,
      );
      const jane = driver.person({
        identities: [identity('5f1e/genesys|conv-9', { joinedSharedBots: ['b'] })],
      });
      expect(await driver.erase('records', [jane], both)).toEqual({ [`${jane.person} shop.notes`]: 1 });
      expect(await rows()).toEqual([expect.objectContaining({ id: 1 })]);
      expect(await driver.remaining('records', [jane], both)).toEqual(['shop.notes SHARED_IDENTITY']);
    });

    it('where channels are columns of their own, those two are not the same', async () => {
      const { driver, rows, schema } = await openShop(db, tables, byPair);
      await db.run(
        `INSERT INTO ${schema}.notes (id, bot_id, channel, channel_user) VALUES
           (1, 'b', '5f1e/genesys', 'conv-9'), (2, 'b', '5f1e', 'genesys/conv-9')`,
      );
      const jane = driver.person({
        identities: [identity('5f1e/genesys|conv-9', { joinedSharedBots: ['b'] })],
      });
      await driver.erase('records', [jane], both);
      expect(await rows()).toEqual([expect.objectContaining({ id: 2 })]);
      expect(await driver.probe('records', [jane], both)).toEqual([]);
    });

    it('rows of known users never match by channel', async () => {
      const { driver, rows, schema } = await openShop(db, tables, byPair);
      await db.run(
        `INSERT INTO ${schema}.notes (id, bot_id, user_id, channel, channel_user) VALUES (1, 'b', 'joe', 'sms', '1')`,
      );
      const jane = driver.person({
        identities: [identity('sms|1'), identity('sms|2', { sharedBots: ['b'] })],
      });
      expect(await driver.erase('records', [jane], both)).toEqual({});
      expect(await rows()).toHaveLength(1);
      expect(await driver.probe('records', [jane], both)).toEqual([]);
    });

    it('values that a column can not hold are left out, and the others still found', async () => {
      const { driver, rows, schema } = await openShop(
        db,
        [
          'CREATE TABLE $s.notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid, bot_id integer)',
          'CREATE INDEX ON $s.notes (user_id, id)',
        ],
        notesCollection,
      );
      const id = 'b3b5f7a2-6d0f-4f0e-9d0a-2f1c8f8f3a10';
      await db.run(`INSERT INTO ${schema}.notes (user_id, bot_id) VALUES ('${id}', 7), ('${id}', 8)`);
      const odd = ['u-jane', id.toUpperCase(), `{${id}}`, 'jane\0', '\ud800'].map((userId) =>
        driver.person({ userId }),
      );
      const numbers: Scope = { ...scope, bots: ['st-1', '07', '7', '99999999999'] };
      expect(await driver.erase('records', odd, numbers)).toEqual({});
      expect(await driver.probe('records', odd, numbers)).toEqual([]);
      const jane = driver.person({ userId: id });
      expect(await driver.erase('records', [...odd, jane], numbers)).toEqual({
        [`${jane.person} shop.notes`]: 1,
      });
      expect(await rows()).toEqual([expect.objectContaining({ bot_id: 8 })]);
    });

    it('emails fold by full Unicode rules, whatever the locale', async () => {
      const { driver, rows, schema } = await openShop(
        db,
        [
          'CREATE TABLE $s.notes (id bigint PRIMARY KEY, email text COLLATE "C", bot_id text)',
          'CREATE INDEX ON $s.notes (lower(email COLLATE "und-x-icu"), id)',
        ],
        `notes: { ties: [{ email: email }], bot: bot_id, erase: delete }`,
      );
      await db.run(
        `INSERT INTO ${schema}.notes VALUES (1, 'JÜRGEN@example.com', 'b'), (2, 'jurgen@example.com', 'b'), (3, 'Jürgen@Example.com', 'b')`,
      );
      const jane = driver.person({ email: 'jürgen@EXAMPLE.com' });
      expect(await driver.erase('records', [jane], scope, 1)).toEqual({ [`${jane.person} shop.notes`]: 2 });
      expect(await rows()).toEqual([expect.objectContaining({ id: 2 })]);
      expect(await driver.probe('records', [jane], scope)).toEqual([]);
    });
  });

  describe('an account column', () => {
    const tables = [
      'CREATE TABLE $s.notes (id bigint PRIMARY KEY, user_id text, code text, owner text)',
      'CREATE INDEX ON $s.notes (user_id, id)',
      'CREATE INDEX ON $s.notes (code, id)',
    ];
    const collection = `notes: { ties: [{ userId: user_id }, { enterpriseId: code }], account: owner, erase: delete }`;

    it('keeps what is tied by less than a user id to the account; no account at all is nobody else’s', async () => {
      const { driver, rows, schema } = await openShop(db, tables, collection);
      await db.run(
        `INSERT INTO ${schema}.notes VALUES (1, 'jane', null, 'a'), (2, 'jane', null, 'other'), (3, 'jane', null, null),
           (4, null, 'E-1', 'a'), (5, null, 'E-1', 'other'), (6, null, 'E-1', null)`,
      );
      const jane = driver.person({ userId: 'jane', enterpriseId: 'E-1' });
      expect(await driver.erase('records', [jane], scope)).toEqual({});
      expect(await driver.erase('records', [jane], allBots)).toEqual({ [`${jane.person} shop.notes`]: 3 });
      expect(await rows()).toEqual([2, 5, 6].map((id) => expect.objectContaining({ id }) as unknown));
      expect(await driver.probe('records', [jane], allBots)).toEqual([]);
    });
  });

  it('odd names of tables and columns are quoted', async () => {
    const { driver, schema } = await openShop(
      db,
      [
        `CREATE TABLE $s."No""tes; --" ("I'd" bigint PRIMARY KEY, "user" text, "p0" text, "bot" text, "k" text)`,
        `CREATE INDEX ON $s."No""tes; --" ("user", "I'd")`,
      ],
      `'No"tes; --':
  ties: [{ userId: user }]
  bot: bot
  erase: { overwrite: { user: null, p0: null } }
  keep: ["I'd", bot, k]`,
    );
    await db.run(
      `INSERT INTO ${schema}."No""tes; --" VALUES (1, 'jane', 'x', 'b', 'k'), (2, 'joe', 'x', 'b', 'k')`,
    );
    expect(await driver.check()).toEqual([]);
    const jane = driver.person({ userId: 'jane' });
    expect(await driver.erase('records', [jane], scope, 1)).toEqual({
      [`${jane.person} shop.No"tes; --`]: 1,
    });
    expect(await driver.probe('records', [jane], scope)).toEqual([]);
  });
});
