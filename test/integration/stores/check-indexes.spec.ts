import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { wrong } from './checking.js';
import { notesCollection, openShop } from './tables.js';

describe('the check of a data map against the live database: indexes', () => {
  let db: TestDatabase;

  beforeAll(async () => {
    db = await testDatabase();
  });

  afterAll(async () => {
    await db.drop();
  });

  describe('of the index of a tie', () => {
    const bare =
      'CREATE TABLE $s.notes (id bigint PRIMARY KEY, user_id text, bot_id text, email text, hidden boolean)';
    const unserved = (tie: string): string =>
      `mistake shop.notes: no index serves the tie ${tie}: a valid one that begins with ${tie.split(',')[0] ?? ''} and holds all rows`;

    it.each([
      ['none', []],
      ['one that begins with something else', ['CREATE INDEX ON $s.notes (bot_id, user_id)']],
      ['one that holds some rows only', ['CREATE INDEX ON $s.notes (user_id) WHERE NOT hidden']],
      ['one that is not btree', ['CREATE INDEX ON $s.notes USING hash (user_id)']],
      ['one of another collation', ['CREATE INDEX ON $s.notes (user_id COLLATE "und-x-icu")']],
      [
        'one that is invalid',
        [
          'CREATE INDEX broken ON $s.notes (user_id)',
          `UPDATE pg_index SET indisvalid = false WHERE indexrelid = '$s.broken'::regclass`,
        ],
      ],
    ])('refuses %s', async (_, indexes) => {
      expect(await wrong(db, [bare, ...indexes], notesCollection)).toEqual([unserved('user_id')]);
    });

    it('takes one that leaves out only rows that nobody is tied to', async () => {
      expect(
        await wrong(
          db,
          [bare, 'CREATE INDEX ON $s.notes (user_id) WHERE user_id IS NOT NULL'],
          notesCollection,
        ),
      ).toEqual([]);
    });

    it('takes it also where another one, that names the tie later, costs as little', async () => {
      const both = [
        'CREATE TABLE $s.notes (bot_id text, user_id text, hidden boolean)',
        `INSERT INTO $s.notes SELECT 'st-' || n % 4, md5(n::text) FROM generate_series(1, 450) AS n`,
        'CREATE INDEX ON $s.notes (user_id)',
        'ALTER TABLE $s.notes ADD PRIMARY KEY (bot_id, user_id)',
        'VACUUM (ANALYZE) $s.notes',
      ];
      expect(await wrong(db, both, notesCollection)).toEqual([]);
    });

    it('wants emails folded by full Unicode rules', async () => {
      const byEmail = `notes: { ties: [{ email: email }], bot: bot_id, erase: delete }`;
      expect(await wrong(db, [bare, 'CREATE INDEX ON $s.notes (lower(email))'], byEmail)).toEqual([
        unserved('email'),
      ]);
      expect(
        await wrong(db, [bare, 'CREATE INDEX ON $s.notes (lower(email COLLATE "und-x-icu"), id)'], byEmail),
      ).toEqual([]);
    });

    it('prints the index that would do', async () => {
      const { schema, driver } = await openShop(
        db,
        [
          'CREATE TABLE $s.notes (id bigint PRIMARY KEY, bot_id text, channel text, channel_user text, email text)',
        ],
        `notes: { ties: [{ channelId: channel, channelUserId: channel_user }, { email: email }], bot: bot_id, erase: delete }`,
      );
      const remedies = (await driver.check()).map(({ remedy }) => remedy.replace('CONCURRENTLY ', ''));
      expect(remedies).toHaveLength(2);
      for (const remedy of remedies) await db.run(remedy);
      expect(await driver.check()).toEqual([]);
      expect(remedies[0]).toContain(`"${schema}"."notes" ("channel_user", "channel", "id")`);
    });

    it('wants it on every partition', async () => {
      expect(
        await wrong(
          db,
          [
            `CREATE TABLE $s.notes (id bigint, user_id text, bot_id text, PRIMARY KEY (id)) PARTITION BY RANGE (id)`,
            `CREATE TABLE $s.notes_1 PARTITION OF $s.notes FOR VALUES FROM (0) TO (10)`,
            `CREATE TABLE $s.notes_2 PARTITION OF $s.notes FOR VALUES FROM (10) TO (20)`,
            `CREATE INDEX ON $s.notes_1 (user_id)`,
          ],
          notesCollection,
        ),
      ).toEqual([unserved('user_id')]);
    });
  });
});
