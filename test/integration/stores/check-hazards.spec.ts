import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { wrong } from './checking.js';
import { notes, notesCollection } from './tables.js';

describe('the check of a data map against the live database: triggers and foreign keys', () => {
  let db: TestDatabase;

  beforeAll(async () => {
    db = await testDatabase();
  });

  afterAll(async () => {
    await db.drop();
  });

  describe('of triggers and rules', () => {
    const keepRow = [
      `CREATE FUNCTION $s.keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
      'CREATE TRIGGER keep_row BEFORE DELETE ON $s.notes FOR EACH ROW EXECUTE FUNCTION $s.keep()',
    ];

    it('refuses one that fires when rows are erased, unless the map says what it does', async () => {
      expect(await wrong(db, [...notes, ...keepRow], notesCollection)).toEqual([
        'mistake shop.notes: trigger keep_row fires when rows are erased, and nobody said what it does',
      ]);
      expect(
        await wrong(
          db,
          [...notes, ...keepRow],
          notesCollection.replace(/ }$/, ', triggers: { keep_row: "keeps rows of open cases" } }'),
        ),
      ).toEqual([]);
    });

    it('refuses one of a single partition, and a rule', async () => {
      expect(
        await wrong(
          db,
          [
            `CREATE TABLE $s.notes (id bigint PRIMARY KEY, user_id text, bot_id text) PARTITION BY RANGE (id)`,
            `CREATE TABLE $s.notes_1 PARTITION OF $s.notes FOR VALUES FROM (0) TO (10)`,
            'CREATE INDEX ON $s.notes (user_id)',
            `CREATE FUNCTION $s.keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
            'CREATE TRIGGER keep_row AFTER DELETE ON $s.notes_1 FOR EACH ROW EXECUTE FUNCTION $s.keep()',
          ],
          notesCollection,
        ),
      ).toEqual([
        'mistake shop.notes: trigger keep_row fires when rows are erased, and nobody said what it does',
      ]);
      expect(
        await wrong(
          db,
          [...notes, 'CREATE RULE hush AS ON DELETE TO $s.notes DO INSTEAD NOTHING'],
          notesCollection,
        ),
      ).toContain('mistake shop.notes: rule hush fires when rows are erased, and nobody said what it does');
    });

    it('minds triggers on UPDATE only where rows are overwritten, and none that is switched off', async () => {
      const onUpdate = [
        `CREATE FUNCTION $s.keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'`,
        'CREATE TRIGGER put_back BEFORE UPDATE ON $s.notes FOR EACH ROW EXECUTE FUNCTION $s.keep()',
      ];
      expect(await wrong(db, [...notes, ...onUpdate], notesCollection)).toEqual([]);
      const shared = notesCollection.replace('delete', 'delete, whenShared: { user_id: null }');
      expect(await wrong(db, [...notes, ...onUpdate], shared)).toEqual([
        'mistake shop.notes: trigger put_back fires when rows are erased, and nobody said what it does',
      ]);
      expect(
        await wrong(
          db,
          [...notes, ...keepRow, 'ALTER TABLE $s.notes DISABLE TRIGGER keep_row'],
          notesCollection,
        ),
      ).toEqual([]);
    });
  });

  describe('of foreign keys into a collection', () => {
    const child = (action: string): readonly string[] => [
      ...notes,
      `CREATE TABLE $s.pages (id bigint PRIMARY KEY, note_id bigint REFERENCES $s.notes ${action})`,
    ];

    it.each(['CASCADE', 'SET NULL', 'SET DEFAULT'])('refuses ON DELETE %s', async (action) => {
      const [finding = ''] = await wrong(
        db,
        [...child(`ON DELETE ${action}`), 'CREATE INDEX ON $s.pages (note_id)'],
        notesCollection,
        'not-personal: [pages]',
      );
      expect(finding).toMatch(`has ON DELETE ${action}: erasing a row would take others' rows with it`);
    });

    it('refuses one without an index, wherever the table lies', async () => {
      expect(await wrong(db, child(''), notesCollection, 'not-personal: [pages]')).toEqual([
        expect.stringContaining('has no index: each erased row would read that whole table'),
      ]);
      await db.run('CREATE SCHEMA elsewhere');
      expect(
        await wrong(
          db,
          [...notes, 'CREATE TABLE elsewhere.pages (note_id bigint REFERENCES $s.notes)'],
          notesCollection,
        ),
      ).toEqual([expect.stringContaining('of "elsewhere"."pages" has no index')]);
    });

    it('refuses a circle of tables, but not a table that refers to itself', async () => {
      const both = `${notesCollection}\n${notesCollection.replace('notes', 'pages')}`;
      expect(
        await wrong(
          db,
          [
            ...notes,
            ...notes.map((statement) => statement.replace('notes', 'pages')),
            'ALTER TABLE $s.notes ADD page_id bigint REFERENCES $s.pages',
            'ALTER TABLE $s.pages ADD note_id bigint REFERENCES $s.notes',
            'CREATE INDEX ON $s.notes (page_id)',
            'CREATE INDEX ON $s.pages (note_id)',
          ],
          both,
        ),
      ).toEqual([
        'mistake shop: there is no order to erase notes, pages in: each must go before another of them',
      ]);
      expect(
        await wrong(
          db,
          [
            ...notes,
            'ALTER TABLE $s.notes ADD answers bigint REFERENCES $s.notes',
            'CREATE INDEX ON $s.notes (answers)',
          ],
          notesCollection,
        ),
      ).toEqual([]);
    });

    it('refuses a directory that hangs on what goes before it', async () => {
      expect(
        await wrong(
          db,
          [
            ...notes,
            'CREATE TABLE $s.people (id text PRIMARY KEY, note_id bigint REFERENCES $s.notes)',
            'CREATE INDEX ON $s.people (note_id)',
          ],
          `${notesCollection}\npeople: { ties: [{ userId: id }], directory: true, erase: delete }`,
        ),
      ).toEqual(['mistake shop.notes: people of the directory refers to it, and the directory goes last']);
    });
  });
});
