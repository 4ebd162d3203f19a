import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource, type QueryRunner } from 'typeorm';
import { dataSourceOptions } from '../../../src/database/data-source-options.js';
import { NeighboursRepository } from '../../../src/erasure/run/pace/neighbours.repository.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { until } from '../../support/until.js';

describe('a look at the neighbours', () => {
  let db: TestDatabase;
  let service: DataSource;
  const opened: DataSource[] = [];

  beforeAll(async () => {
    db = await testDatabase();
    service = await connect(await db.serviceUrl(), 'expunge worker');
  });

  afterAll(async () => {
    for (const dataSource of opened) await dataSource.destroy();
    await db.drop();
  });

  async function connect(databaseUrl: string, name: string): Promise<DataSource> {
    const options = await dataSourceOptions({ databaseUrl, databasePoolSize: 5 }, name);
    const dataSource = await new DataSource(options).initialize();
    opened.push(dataSource);
    return dataSource;
  }

  /** A session that waits to write a membership, until `held` ends. */
  async function chat(): Promise<{ readonly runner: QueryRunner; readonly done: Promise<unknown> }> {
    const runner = db.dataSource.createQueryRunner();
    await runner.connect();
    const done = runner.query(`INSERT INTO platform.account_members SELECT '', '', '' WHERE false`);
    return { runner, done };
  }

  async function waiters(): Promise<number> {
    return (await new NeighboursRepository(service).look()).lockWaiters;
  }

  /** Sessions of this database that wait for any lock. */
  async function waiting(): Promise<number> {
    const [row] = await db.run<{ count: number }>(
      `SELECT count(DISTINCT pid)::int AS count FROM pg_locks
       WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    );
    return row?.count ?? 0;
  }

  it('counts the sessions that wait for our locks, and no others', async () => {
    expect(await waiters()).toBe(0);
    const ours = service.createQueryRunner();
    await ours.startTransaction();
    await ours.query('LOCK TABLE platform.account_members IN SHARE MODE');
    const chats = [await chat(), await chat()];
    await until(async () => (await waiters()) === 2);
    // Another one of ours that waits behind them is no neighbour.
    const second = service.createQueryRunner();
    await second.startTransaction();
    const locked = second.query('LOCK TABLE platform.account_members IN SHARE MODE');
    await until(async () => (await waiting()) === 3);
    expect(await waiters()).toBe(2);
    await ours.rollbackTransaction();
    await Promise.all([...chats.map(({ done }) => done), locked]);
    await second.rollbackTransaction();
    for (const runner of [ours, second, ...chats.map((one) => one.runner)]) await runner.release();
    expect(await waiters()).toBe(0);
  });

  it('counts nobody who waits for somebody else', async () => {
    const stranger = db.dataSource.createQueryRunner();
    await stranger.startTransaction();
    await stranger.query('LOCK TABLE platform.account_members IN SHARE MODE');
    const { runner, done } = await chat();
    await until(async () => (await waiting()) === 1);
    expect(await waiters()).toBe(0);
    await stranger.rollbackTransaction();
    await done;
    await stranger.release();
    await runner.release();
  });

  it('knows whether it may see the standbys', async () => {
    expect(await new NeighboursRepository(service).look()).toMatchObject({
      seesReplicas: true,
      replicaLagMs: null,
    });
    const [me] = await service.query<{ role: string }[]>('SELECT current_user AS role');
    await db.run(`REVOKE pg_read_all_stats FROM ${me?.role ?? ''}`);
    expect((await new NeighboursRepository(service).look()).seesReplicas).toBe(false);
  });
});
