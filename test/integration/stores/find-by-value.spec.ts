import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EntityManager } from 'typeorm';
import { type Scope, type ValueHit, type ValueQuery } from '../../../src/stores/store.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { openShop, type Shop } from './tables.js';

const scope: Scope = { accountId: 'a', allBots: false, bots: ['b', 'c'] };

const tables = [
  `CREATE TABLE $s.notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id text, email text, code text,
     channel text, channel_user text, bot_id text)`,
  'CREATE INDEX ON $s.notes (user_id, id)',
  'CREATE INDEX ON $s.notes (lower(email COLLATE "und-x-icu"), id)',
  'CREATE INDEX ON $s.notes (code, id)',
  'CREATE INDEX ON $s.notes (channel_user, channel, id)',
  'CREATE TABLE $s.logs (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, identity text, bot_id text)',
  'CREATE INDEX ON $s.logs (identity, id)',
  'CREATE TABLE $s.profiles (user_id text PRIMARY KEY, bot_id text)',
];
const collections = `notes:
  ties: [{ userId: user_id }, { email: email }, { enterpriseId: code }, { channelId: channel, channelUserId: channel_user, onlyWhen: { user_id: null } }]
  bot: bot_id
  erase: delete
logs: { ties: [{ identity: identity }], bot: bot_id, erase: delete }
profiles: { ties: [{ userId: user_id }], bot: bot_id, directory: true, erase: delete }`;

describe('finding by value', () => {
  let db: TestDatabase;
  let shop: Shop;

  beforeAll(async () => {
    db = await testDatabase();
    shop = await openShop(db, tables, collections);
    const note = (values: string): Promise<unknown> =>
      db.run(
        `INSERT INTO ${shop.schema}.notes (user_id, email, code, channel, channel_user, bot_id) VALUES ${values}`,
      );
    await note(`('u-1', null, null, 'web', '77', 'b'), ('u-2', null, null, null, null, 'other')`);
    await note(`(null, 'Jane@Example.com', 'E-1', null, null, 'c'), ('E-1', null, null, null, null, 'b')`);
    await note(
      `(null, null, null, 'web', '4477', 'b'), (null, null, null, 'sms', '4477', 'c'), (null, null, null, 'rtm', '4477', 'other')`,
    );
    await note(
      `(null, null, null, 'web', 'solo', 'b'), (null, null, null, 'web', 'solo', 'c'), (null, null, null, null, 'solo', 'b')`,
    );
    await note(
      `(null, null, null, 'one', 'busy', 'b'), (null, null, null, 'two', 'busy', 'b'), (null, null, null, 'three', 'busy', 'c'), (null, null, null, 'four', 'busy', 'other')`,
    );
    await note(
      `(null, null, null, '5f/genesys', 'c9', 'b'), (null, null, null, 'x/y', 'z', 'b'), (null, null, null, 'x', 'y/z', 'c')`,
    );
    await db.run(
      `INSERT INTO ${shop.schema}.logs (identity, bot_id) VALUES ('5f/genesys/c9', 'b'), ('line/a/b', 'c'), ('sms/far', 'other'), ('alone', 'b')`,
    );
    await db.run(`INSERT INTO ${shop.schema}.profiles VALUES ('u-9', 'b')`);
  });

  afterAll(async () => {
    await db.drop();
  });

  const find = async (query: Omit<ValueQuery, 'position'>, within = scope): Promise<readonly unknown[]> =>
    (await shop.driver.find([{ position: 5, ...query }], within)).map(({ position, ...hit }: ValueHit) => {
      expect(position).toBe(5);
      return hit;
    });
  const plain = (value: string, within = scope): Promise<readonly unknown[]> =>
    find({ kind: 'any', value, channelId: null }, within);
  const pair = (channelId: string, channelUserId: string, joinedOnly = false) => ({
    kind: 'identity',
    channelId,
    channelUserId,
    joinedOnly,
  });

  it('takes a plain string for a user id, an email or an enterprise id', async () => {
    expect(await plain('u-1')).toEqual([{ kind: 'userId', value: 'u-1' }]);
    expect(await plain('jane@example.COM')).toEqual([{ kind: 'email', value: 'jane@example.COM' }]);
    expect(await plain('E-1')).toEqual([
      { kind: 'enterpriseId', value: 'E-1' },
      { kind: 'userId', value: 'E-1' },
    ]);
  });

  it('takes it for a bare channel user id where a column holds that alone, in each channel once', async () => {
    expect(await plain('4477')).toEqual([pair('sms', '4477'), pair('web', '4477')]);
    expect(await plain('solo')).toEqual([pair('web', 'solo')]);
    // `logs` holds pairs, so what stands there without a slash is nobody's channel user id.
    expect(await plain('alone')).toEqual([]);
  });

  it('tells two channels of a bare channel user id: more would say no more than that it is ambiguous', async () => {
    expect(await plain('busy')).toEqual([pair('one', 'busy'), pair('three', 'busy')]);
    expect(await plain('busy', { ...scope, bots: ['c', 'other'] })).toEqual([
      pair('four', 'busy'),
      pair('three', 'busy'),
    ]);
  });

  it('takes it for a pair, split wherever rows show it to split', async () => {
    expect(await plain('web/solo')).toEqual([pair('web', 'solo')]);
    expect(await plain('x/y/z')).toEqual([pair('x', 'y/z'), pair('x/y', 'z')]);
    expect(await plain('5f/genesys/c9')).toEqual([pair('5f/genesys', 'c9')]);
    expect(await plain('line/a/b')).toEqual([pair('line', 'a/b', true)]);
    expect(await plain('/solo')).toEqual([]);
    expect(await plain('solo/')).toEqual([]);
  });

  it('finds all pairs that are one string when joined, and nothing else', async () => {
    const joined = (value: string) => find({ kind: 'joined', value, channelId: null });
    expect(await joined('x/y/z')).toEqual([pair('x', 'y/z'), pair('x/y', 'z')]);
    for (const other of ['u-1', 'jane@example.com', 'E-1', '4477', 'line/a/b'])
      expect(await joined(other)).toEqual([]);
  });

  it('takes a typed entry for nothing else', async () => {
    const typed = (kind: ValueQuery['kind'], value: string, channelId: string | null = null) =>
      find({ kind, value, channelId });
    expect(await typed('userId', 'E-1')).toEqual([{ kind: 'userId', value: 'E-1' }]);
    expect(await typed('enterpriseId', 'E-1')).toEqual([{ kind: 'enterpriseId', value: 'E-1' }]);
    expect(await typed('email', 'E-1')).toEqual([]);
    expect(await typed('userId', '4477')).toEqual([]);
    expect(await typed('identity', '4477', 'sms')).toEqual([pair('sms', '4477')]);
    expect(await typed('identity', 'y/z', 'x')).toEqual([pair('x', 'y/z')]);
    expect(await typed('identity', 'b', 'line/a')).toEqual([pair('line/a', 'b', true)]);
    expect(await typed('identity', 'c9', '5f/genesys')).toEqual([pair('5f/genesys', 'c9')]);
  });

  it('looks in the covered bots only, not in the directory, and not at rows of known users by channel', async () => {
    expect(await plain('u-2')).toEqual([]);
    expect(await plain('sms/far')).toEqual([]);
    expect(await plain('u-9')).toEqual([]);
    expect(await plain('77')).toEqual([]);
    expect(await plain('web/77')).toEqual([]);
    expect(await plain('4477', { ...scope, bots: ['b'] })).toEqual([pair('web', '4477')]);
    expect(await plain('4477', { ...scope, bots: [] })).toEqual([]);
  });

  it('answers a page of a thousand at once, each by its position', async () => {
    const queries = Array.from({ length: 1_000 }, (_, position): ValueQuery => ({
      position,
      kind: 'any',
      value: position % 10 === 0 ? 'u-1' : `nobody ${position}`,
      channelId: null,
    }));
    const hits = await shop.driver.find(queries, scope);
    expect(hits).toHaveLength(100);
    expect(new Set(hits.map(({ position }) => position % 10))).toEqual(new Set([0]));
    expect(await shop.driver.find([], scope)).toEqual([]);
  });

  it('asks for a few thousand values at a time, however many ways there are to read them', async () => {
    const queries = Array.from({ length: 1_000 }, (_, position): ValueQuery => ({
      position,
      kind: 'any',
      value: `x/y/z${position % 100 === 0 ? '' : '/'.repeat(14)}`,
      channelId: null,
    }));
    const [sizes, hits] = await shop.driver.within(async (manager) => {
      const sizes: number[] = [];
      const listening = {
        query: (text: string, parameters: unknown[] = []) => {
          for (const list of parameters) if (Array.isArray(list)) sizes.push(list.length);
          return manager.query<unknown>(text, parameters);
        },
      };
      const found = await shop.driver.store.findByValue(listening as EntityManager, queries, scope);
      return [sizes, found];
    });
    expect(Math.max(...sizes)).toBeGreaterThan(1_000);
    expect(Math.max(...sizes)).toBeLessThan(5_000);
    expect(hits).toHaveLength(20);
    expect(new Set(hits.map(({ position }) => position)).size).toBe(10);
  });

  it('has room for values that no column can hold', async () => {
    for (const value of ['jane\0', '\ud800', '/'.repeat(512), "'; DROP TABLE users; --"])
      expect(await plain(value)).toEqual([]);
  });
});
