import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PostgresStore } from '../../../src/stores/postgres/postgres-store.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { Reclaiming } from '../../support/reclaiming.js';
import { makeTables } from './tables.js';

describe('the space of erased rows', () => {
  let db: TestDatabase;

  beforeAll(async () => {
    db = await testDatabase();
  });

  afterAll(() => db.drop());

  /** A table of 500 rows, each with a text too long to lie in the table itself. */
  async function notes(partitions: string): Promise<{ readonly watch: Reclaiming; readonly table: string }> {
    const { schema, map } = await makeTables(
      db,
      [
        `CREATE TABLE $s.notes (id bigint PRIMARY KEY, bot_id text, user_id text, body text) ${partitions && 'PARTITION BY RANGE (id)'}`,
        ...partitions.split(';').filter((statement) => statement !== ''),
        'CREATE INDEX ON $s.notes (user_id, id)',
        `INSERT INTO $s.notes SELECT n, 'st-1', 'u-' || n % 10,
           (SELECT string_agg(md5(n::text || k), '') FROM generate_series(1, 200) k) FROM generate_series(1, 500) n`,
        // So that it is known how many rows the TOAST tables have: else a few dead ones are enough for autovacuum.
        'VACUUM (ANALYZE) $s.notes',
      ],
      'notes: { ties: [{ userId: user_id }], bot: bot_id, erase: delete }',
    );
    return { watch: new Reclaiming(db, new PostgresStore(map), 'shop.notes'), table: `${schema}.notes` };
  }

  it('is free after a vacuum of the table and of its TOAST table, not after that of one of them', async () => {
    const { watch, table } = await notes('');
    await watch.look();
    const erasedBy = await watch.erase(`DELETE FROM ${table} WHERE user_id = 'u-1'`);
    expect(watch.reason(erasedBy)).toBe('NOT_LOOKED_YET');
    await watch.looksUntilUnseen(erasedBy);
    expect(watch.reason(erasedBy)).toBe('BELOW_AUTOVACUUM_THRESHOLD');
    await db.run(`VACUUM (PROCESS_TOAST false) ${table}`);
    await watch.look();
    expect(watch.isFree(erasedBy)).toBe(false);
    expect(watch.reason(erasedBy)).toBe('BELOW_AUTOVACUUM_THRESHOLD');
    await db.run(`VACUUM ${table}`);
    await watch.look();
    expect(watch.isFree(erasedBy)).toBe(true);
    expect(watch.isFree(await watch.erase(`DELETE FROM ${table} WHERE user_id = 'u-2'`))).toBe(false);
  });

  it('is not free while a snapshot sees the rows, although the table is vacuumed', async () => {
    const { watch, table } = await notes('');
    await watch.look();
    const reader = db.dataSource.createQueryRunner();
    await reader.startTransaction('REPEATABLE READ');
    const [before] = (await reader.query(`SELECT count(*)::int AS count FROM ${table}`)) as {
      count: number;
    }[];
    const erasedBy = await watch.erase(`DELETE FROM ${table} WHERE user_id = 'u-1'`);
    await watch.look();
    expect(watch.reason(erasedBy)).toBe('HELD_BY_SNAPSHOT');
    await db.run(`VACUUM ${table}`);
    await watch.look();
    expect(watch.isFree(erasedBy)).toBe(false);
    // And truly they can still be read.
    expect(await reader.query(`SELECT count(*)::int AS count FROM ${table}`)).toEqual([before]);
    await reader.rollbackTransaction();
    await reader.release();
    await watch.looksUntilUnseen(erasedBy);
    expect(watch.isFree(erasedBy)).toBe(false);
    await db.run(`VACUUM ${table}`);
    await watch.look();
    expect(watch.isFree(erasedBy)).toBe(true);
  });

  it('is free in a partitioned table once each partition was vacuumed, also those of partitions', async () => {
    const { watch, table } = await notes(
      `CREATE TABLE $s.notes_1 PARTITION OF $s.notes FOR VALUES FROM (0) TO (200);
       CREATE TABLE $s.notes_2 PARTITION OF $s.notes FOR VALUES FROM (200) TO (1000) PARTITION BY RANGE (id);
       CREATE TABLE $s.notes_2a PARTITION OF $s.notes_2 FOR VALUES FROM (200) TO (300);
       CREATE TABLE $s.notes_2b PARTITION OF $s.notes_2 FOR VALUES FROM (300) TO (1000)`,
    );
    await watch.look();
    const erasedBy = await watch.erase(`DELETE FROM ${table} WHERE user_id = 'u-1'`);
    await watch.looksUntilUnseen(erasedBy);
    for (const partition of ['1', '2a']) {
      await db.run(`VACUUM ${table}_${partition}`);
      await watch.look();
      expect(watch.isFree(erasedBy)).toBe(false);
    }
    // One that is made now holds nothing of what was erased before.
    await db.run(`CREATE TABLE ${table}_3 PARTITION OF ${table} FOR VALUES FROM (1000) TO (2000)`);
    await db.run(`VACUUM ${table}_2b`);
    await watch.look();
    expect(watch.isFree(erasedBy)).toBe(true);
  });

  it('is not free because a partition was away for some time, with the rows it has', async () => {
    const { watch, table } = await notes(
      `CREATE TABLE $s.notes_1 PARTITION OF $s.notes FOR VALUES FROM (0) TO (200);
       CREATE TABLE $s.notes_2 PARTITION OF $s.notes FOR VALUES FROM (200) TO (1000)`,
    );
    await watch.look();
    const erasedBy = await watch.erase(`DELETE FROM ${table} WHERE user_id = 'u-1'`);
    await watch.looksUntilUnseen(erasedBy);
    await db.run(`ALTER TABLE ${table} DETACH PARTITION ${table}_2`);
    await watch.look();
    await db.run(`ALTER TABLE ${table} ATTACH PARTITION ${table}_2 FOR VALUES FROM (200) TO (1000)`);
    await db.run(`VACUUM ${table}_1`);
    await watch.look();
    expect(watch.isFree(erasedBy)).toBe(false);
    expect(watch.reason(erasedBy)).toBe('BELOW_AUTOVACUUM_THRESHOLD');
    await db.run(`VACUUM ${table}_2`);
    await watch.look();
    expect(watch.isFree(erasedBy)).toBe(true);
  });

  it('waits for a vacuum that will not come where autovacuum is off for the table', async () => {
    const { watch, table } = await notes('');
    await db.run(`ALTER TABLE ${table} SET (autovacuum_enabled = false)`);
    const erasedBy = await watch.erase(`DELETE FROM ${table}`);
    await watch.looksUntilUnseen(erasedBy);
    expect(watch.reason(erasedBy)).toBe('AUTOVACUUM_OFF');
    await db.run(`ALTER TABLE ${table} SET (autovacuum_enabled = true, autovacuum_vacuum_threshold = 1)`);
    await db.run('SELECT pg_stat_force_next_flush()');
    await watch.look();
    expect(['VACUUM_DUE', 'VACUUM_RUNNING']).toContain(watch.reason(erasedBy));
  });
});
