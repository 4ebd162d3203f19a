import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { wrong } from './checking.js';

describe('the check of a data map against the live database', () => {
  let db: TestDatabase;

  beforeAll(async () => {
    db = await testDatabase();
  });

  afterAll(async () => {
    await db.drop();
  });

  describe('of overwrites', () => {
    const table = (definition: string): readonly string[] => [
      `CREATE TABLE $s.notes (id bigint PRIMARY KEY, user_id text, bot_id text, ${definition})`,
      'CREATE INDEX ON $s.notes (user_id)',
    ];
    const writing = (value: string): string =>
      `notes: { ties: [{ userId: user_id }], bot: bot_id, erase: { overwrite: { user_id: null, body: ${value} } }, keep: [id, bot_id] }`;

    it.each<[string, string, string, string]>([
      ['null where it is forbidden', 'body text NOT NULL', 'null', 'column body is NOT NULL'],
      ['a value of another type', 'body integer', 'gone', 'which can not hold what is written'],
      ['an object where no JSON goes', 'body integer', '{}', 'which can not hold what is written'],
      ['a value that is too long', 'body varchar(3)', 'gone', 'too short for what is written'],
      ['random where it does not fit', 'body integer', 'random', 'which can not hold 32 random characters'],
      [
        'random where it is too long',
        'body varchar(31)',
        'random',
        'which can not hold 32 random characters',
      ],
      ['a day of what is no time', 'body date', '{ truncate: day }', 'which has no time of day to truncate'],
      [
        'a generated column',
        'body text GENERATED ALWAYS AS (user_id) STORED',
        'null',
        'column body is generated',
      ],
      [
        'a column that a CHECK guards',
        `body text CHECK (body IN ('a', 'b'))`,
        'gone',
        'forbids the overwritten row',
      ],
      [
        'values that a CHECK forbids together',
        'body text, CHECK (num_nonnulls(user_id, body) > 0)',
        'null',
        'forbids the overwritten row',
      ],
      ['the same value in a unique column', 'body text UNIQUE', 'gone', 'forbids the same value twice'],
      [
        'null where nulls are equal',
        'body text, UNIQUE NULLS NOT DISTINCT (body)',
        'null',
        'forbids the same value twice',
      ],
      [
        'anything but null in a reference',
        'body text REFERENCES platform.users',
        'gone',
        'only null can be written',
      ],
    ])('refuses %s', async (_, definition, value, problem) => {
      expect(await wrong(db, table(definition), writing(value))).toEqual([expect.stringContaining(problem)]);
    });

    it('refuses a primary key, and what others refer to', async () => {
      expect(
        await wrong(
          db,
          [
            'CREATE TABLE $s.notes (user_id text PRIMARY KEY, bot_id text, code text UNIQUE)',
            'CREATE TABLE $s.pages (id bigint PRIMARY KEY, code text REFERENCES $s.notes (code))',
          ],
          `notes: { ties: [{ userId: user_id }], bot: bot_id, erase: { overwrite: { user_id: random, code: random } }, keep: [bot_id] }`,
          'not-personal: [pages]',
        ),
      ).toEqual([
        'mistake shop.notes: column user_id is part of the primary key, by which overwritten rows are read back',
        expect.stringContaining('is what foreign key pages_code_fkey of pages refers to'),
      ]);
    });

    it.each<[string, string]>([
      ['body text UNIQUE', 'null'],
      ['body text UNIQUE', 'random'],
      ['body uuid', 'random'],
      ['body jsonb NOT NULL', '{}'],
      ['body timestamptz', '{ truncate: day }'],
      ['body numeric(5, 2)', '0'],
      ['body boolean', 'false'],
      [`body text CHECK (body IS NULL OR body <> '')`, 'null'],
      [`body text, CHECK (num_nonnulls(user_id, bot_id) > 0)`, 'null'],
    ])('takes %s overwritten with %s', async (definition, value) => {
      expect(await wrong(db, table(definition), writing(value))).toEqual([]);
    });
  });
});
