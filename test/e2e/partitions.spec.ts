import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { StoresService } from '../../src/stores/stores.service.js';
import { Platform } from '../support/platform.js';
import { type TestDatabase, testDatabase } from '../support/postgres.js';
import { type TestClient, TestService } from '../support/service.js';

/** A second schema beside the sample's, in partitions by day: one that is deleted, one that is overwritten. */
const tables = ['notes', 'visits'].flatMap((table) => [
  `CREATE TABLE archive.${table} (id bigint, day date, bot_id text, user_id text, words text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)`,
  `CREATE TABLE archive.${table}_1 PARTITION OF archive.${table} FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')`,
  `CREATE TABLE archive.${table}_2 PARTITION OF archive.${table} FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')`,
  `CREATE INDEX ON archive.${table} (user_id, id)`,
]);
const archive = `
  archive:
    kind: postgres
    url: \${DATABASE_URL}
    schema: archive
    collections:
      notes: { ties: [{ userId: user_id }], bot: bot_id, erase: delete }
      visits:
        ties: [{ userId: user_id }]
        bot: bot_id
        erase: { overwrite: { user_id: null, words: null } }
        keep: [id, day, bot_id]
`;

describe('tables in partitions', () => {
  let db: TestDatabase;
  let place: string;
  let platform: Platform;
  let service: TestService;
  let account: string;
  let bot: string;
  let client: TestClient;

  beforeAll(async () => {
    db = await testDatabase();
    place = await mkdtemp(join(tmpdir(), 'partitions-'));
    const dataMapPath = join(place, 'data-map.yaml');
    await writeFile(dataMapPath, (await readFile('data-map.yaml', 'utf8')) + archive);
    await db.run('CREATE SCHEMA archive');
    for (const statement of tables) await db.run(statement);
    service = await TestService.start(await db.serviceUrl({ dataMapPath }), { dataMapPath, chunkRows: 7 });
    platform = new Platform(db);
    account = await platform.account();
    bot = await platform.bot(account);
    client = await service.client(account);
  });

  afterAll(async () => {
    await service.stop();
    await db.drop();
    await rm(place, { recursive: true });
  });

  /** Fifty rows of the user on one day, in each table; so that rows of two users on two days lie at the same places. */
  async function write(user: string, day: string): Promise<void> {
    for (const table of ['notes', 'visits'])
      await db.run(
        `INSERT INTO archive.${table} SELECT n, $2, $3, $1, 'said' FROM generate_series(1, 50) n`,
        [user, day, bot],
      );
  }

  const rowsOf = (user: string): Promise<object[]> =>
    db.run(
      `SELECT tableoid::regclass::text AS partition, count(*)::int AS rows
       FROM (SELECT tableoid, user_id, words FROM archive.notes UNION ALL SELECT tableoid, user_id, words FROM archive.visits) r
       WHERE user_id = $1 AND words = 'said' GROUP BY 1 ORDER BY 1`,
      [user],
    );

  it("a stranger's rows at the same places, under the same ids, in another partition stay", async () => {
    const [jane, joe] = [await platform.user(account), await platform.user(account)];
    await write(jane, '2026-01-05');
    await write(joe, '2026-02-05');
    const places = await db.run(
      `SELECT FROM archive.notes j JOIN archive.notes o ON o.ctid = j.ctid AND o.user_id = $2 WHERE j.user_id = $1`,
      [jane, joe],
    );
    expect(places).toHaveLength(50);
    const { first } = await client.eraseAndWait({ userIds: [jane], RemoveDataFromAllBots: true });
    expect(first).toMatchObject({
      status: 'SUCCESS',
      erased: { 'archive.notes': 50, 'archive.visits': 50, 'platform.users': 1 },
    });
    expect(await rowsOf(jane)).toEqual([]);
    expect(await rowsOf(joe)).toEqual([
      { partition: 'archive.notes_2', rows: 50 },
      { partition: 'archive.visits_2', rows: 50 },
    ]);
    expect(await db.run('SELECT FROM archive.visits WHERE user_id IS NULL AND words IS NULL')).toHaveLength(
      50,
    );
  });

  it('a partition that was made tonight counts as its table: nothing waits, and its rows go', async () => {
    for (const table of ['notes', 'visits'])
      await db.run(
        `CREATE TABLE archive.${table}_3 PARTITION OF archive.${table} FOR VALUES FROM ('2026-03-01') TO ('2026-04-01')`,
      );
    const jane = await platform.user(account);
    await write(jane, '2026-03-05');
    expect(await service.get(StoresService).refresh()).toEqual([]);
    const { first } = await client.eraseAndWait({ userIds: [jane], botIds: [bot] });
    expect(first).toMatchObject({ status: 'SUCCESS', erased: { 'archive.notes': 50, 'archive.visits': 50 } });
    expect(await rowsOf(jane)).toEqual([]);
  });
});
