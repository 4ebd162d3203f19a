import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { wrong } from './checking.js';
import { notes, notesCollection, openShop } from './tables.js';

describe('the check of a data map against the live database: tables and columns', () => {
  let db: TestDatabase;

  beforeAll(async () => {
    db = await testDatabase();
  });

  afterAll(async () => {
    await db.drop();
  });

  it('finds nothing wrong with a map that fits, and says everything else at once', async () => {
    expect(await wrong(db, notes, notesCollection)).toEqual([]);
    const findings = await wrong(
      db,
      [...notes, 'CREATE TABLE $s.letters (id bigint)'],
      `${notesCollection}\nghosts: { ties: [{ userId: user_id }], erase: delete }`,
      'not-personal: [phantoms]',
    );
    expect(findings.map((finding) => finding.replace(/ in schema .*/, ''))).toEqual([
      'mistake shop.ghosts: there is no table ghosts',
      'mistake shop.phantoms: there is no table phantoms',
      'drift shop.letters: nobody said whether a table letters holds personal data',
    ]);
  });

  it('counts partitions as their root, also one made later, and asks nothing of plain views', async () => {
    const { schema, driver } = await openShop(
      db,
      [
        `CREATE TABLE $s.notes (id bigint, user_id text, bot_id text, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)`,
        `CREATE TABLE $s.notes_1 PARTITION OF $s.notes FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')`,
        `CREATE INDEX ON $s.notes (user_id)`,
        `CREATE VIEW $s.shown AS SELECT * FROM $s.notes`,
      ],
      notesCollection,
    );
    expect(await driver.check()).toEqual([]);
    await db.run(
      `CREATE TABLE ${schema}.notes_2 PARTITION OF ${schema}.notes FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')`,
    );
    expect(await driver.check()).toEqual([]);
  });

  it('tells of tables that appear, materialised views among them, as drift', async () => {
    const { schema, driver } = await openShop(db, notes, notesCollection);
    expect(await driver.check()).toEqual([]);
    await db.run(`CREATE MATERIALIZED VIEW ${schema}.copies AS SELECT * FROM ${schema}.notes`);
    expect((await driver.check()).map(({ kind, collection }) => [kind, collection])).toEqual([
      ['drift', 'shop.copies'],
    ]);
  });

  it('refuses views, foreign and inherited tables, and tables without a primary key', async () => {
    expect(
      await wrong(
        db,
        [
          'CREATE TABLE $s.all_notes (id bigint PRIMARY KEY, user_id text, bot_id text, gone boolean)',
          'CREATE VIEW $s.notes AS SELECT * FROM $s.all_notes WHERE NOT gone',
        ],
        notesCollection,
        'not-personal: [all_notes]',
      ),
    ).toEqual(['mistake shop.notes: is a view: rows that it does not show would stay']);
    expect(
      await wrong(
        db,
        [
          'CREATE TABLE $s.notes (id bigint, user_id text, bot_id text)',
          'CREATE INDEX ON $s.notes (user_id)',
        ],
        notesCollection,
      ),
    ).toEqual(['mistake shop.notes: has no primary key: rows can neither be walked nor read back']);
    expect(
      await wrong(
        db,
        [
          ...notes,
          'CREATE TABLE $s.old_notes () INHERITS ($s.notes)',
          'CREATE INDEX ON $s.old_notes (user_id)',
        ],
        notesCollection,
        'not-personal: [old_notes]',
      ),
    ).toContain('mistake shop.notes: has tables that inherit from it: their rows would go with its own');
  });

  it('names columns that are missing or of a kind by which rows can not be tied', async () => {
    expect(
      await wrong(
        db,
        notes,
        `notes: { ties: [{ userId: user_id, onlyWhen: { state: null } }], bot: robot, at: written, erase: delete }`,
      ),
    ).toEqual([
      'mistake shop.notes: there is no column robot',
      'mistake shop.notes: there is no column state',
      'mistake shop.notes: there is no column written',
    ]);
    expect(
      await wrong(
        db,
        [
          'CREATE TABLE $s.notes (id bigint PRIMARY KEY, user_id jsonb, bot_id text)',
          'CREATE INDEX ON $s.notes (user_id)',
        ],
        notesCollection,
      ),
    ).toEqual(['mistake shop.notes: column user_id is of type jsonb, by which rows can not be tied']);
    expect(
      await wrong(
        db,
        [
          `CREATE COLLATION $s.blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
          'CREATE TABLE $s.notes (id bigint PRIMARY KEY, user_id text COLLATE $s.blind, bot_id text)',
          'CREATE INDEX ON $s.notes (user_id)',
        ],
        notesCollection,
      ),
    ).toEqual(['mistake shop.notes: column user_id has a collation that takes different values for equal']);
  });

  it('wants to know what becomes of each column of an overwritten row, also of a new one', async () => {
    const overwritten = `notes: { ties: [{ userId: user_id }], bot: bot_id, erase: { overwrite: { user_id: null } }, keep: [id, bot_id] }`;
    expect(await wrong(db, notes, overwritten)).toEqual([
      'drift shop.notes: nobody said what becomes of column body when a row is overwritten',
    ]);
    const shared = `notes: { ties: [{ userId: user_id }], bot: bot_id, erase: delete, whenShared: { user_id: null }`;
    expect(await wrong(db, notes, `${shared} }`)).toEqual([]);
    expect(await wrong(db, notes, `${shared}, keep: [id, bot_id] }`)).toEqual([
      'drift shop.notes: nobody said what becomes of column body when a row is overwritten',
    ]);
  });
});
