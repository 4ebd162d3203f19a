import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EntityManager } from 'typeorm';
import { preparedSql } from '../../../src/database/prepared-sql.js';
import { sql } from '../../../src/database/sql.js';
import { inTransaction } from '../../../src/database/transaction.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';

const limits = {
  statementTimeoutMs: 10_000,
  lockTimeoutMs: 0,
  idleInTransactionTimeoutMs: 10_000,
  deadClientTimeoutMs: 0,
};

describe('a prepared statement', () => {
  let db: TestDatabase;

  beforeAll(async () => {
    db = await testDatabase({ platform: false });
    await db.run('CREATE TABLE thing (id int PRIMARY KEY, name text)');
    await db.run(`INSERT INTO thing VALUES (1, 'one'), (2, 'two')`);
  });

  afterAll(() => db.drop());

  function within<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return inTransaction(db.dataSource, limits, null, work);
  }

  /** What the server keeps for this transaction's connection, and how often it was executed. */
  function kept(manager: EntityManager): Promise<{ statement: string; times: number }[]> {
    return sql(
      manager,
      'SELECT statement, (generic_plans + custom_plans)::int AS times FROM pg_prepared_statements',
    );
  }

  const select = 'SELECT id, name FROM thing WHERE id = ANY ($1::int[]) ORDER BY id';

  it('is kept by the server for the connection, and answers as any other', async () => {
    const [rows, again, statements] = await within(async (manager) => [
      await preparedSql(manager, select, [[1, 2]]),
      await preparedSql(manager, select, [[2]]),
      await kept(manager),
    ]);
    expect(rows).toEqual([
      { id: 1, name: 'one' },
      { id: 2, name: 'two' },
    ]);
    expect(again).toEqual([{ id: 2, name: 'two' }]);
    expect(statements).toContainEqual({ statement: select, times: 2 });
  });

  it('gives the rows of RETURNING', async () => {
    const update = `UPDATE thing SET name = $2 WHERE id = $1 RETURNING id`;
    expect(await within((manager) => preparedSql(manager, update, [1, 'uno']))).toEqual([{ id: 1 }]);
  });

  it('is not kept where the manager holds no connection', async () => {
    const outside = 'SELECT id FROM thing WHERE id = $1';
    const { manager } = db.dataSource;
    expect(await preparedSql(manager, outside, [1])).toEqual([{ id: 1 }]);
    const statements = await within(kept);
    expect(statements.map(({ statement }) => statement)).not.toContain(outside);
  });

  it('says what the server says of it, and is good afterwards', async () => {
    const divide = 'SELECT 1 / $1::int AS result';
    await expect(within((manager) => preparedSql(manager, divide, [0]))).rejects.toMatchObject({
      sqlState: '22012',
    });
    expect(await within((manager) => preparedSql(manager, divide, [1]))).toEqual([{ result: 1 }]);
    const nonsense = 'SELECT $1::int FROM nothing_like_it';
    for (let time = 0; time < 2; time += 1)
      await expect(within((manager) => preparedSql(manager, nonsense, [0]))).rejects.toMatchObject({
        sqlState: '42P01',
      });
  });

  it('is kept also where the first try failed before the server had seen it', async () => {
    await db.dataSource.destroy();
    await db.dataSource.initialize();
    const failing = within(async (manager) => {
      await sql(manager, 'SELECT 1 / 0').catch(() => undefined);
      await preparedSql(manager, select, [[1]]);
    });
    await expect(failing).rejects.toMatchObject({ sqlState: '25P02' });
    const statements = await within(async (manager) => {
      await preparedSql(manager, select, [[1]]);
      return kept(manager);
    });
    expect(statements).toEqual([{ statement: select, times: 1 }]);
  });

  it.each([
    ['whose column has another type by now', 'ALTER TABLE thing ALTER COLUMN id TYPE bigint'],
    ['that somebody threw away', 'DEALLOCATE ALL'],
  ])('%s is a conflict, which trying again solves', async (_what, change) => {
    const read = (manager: EntityManager) => preparedSql(manager, select, [[2]]);
    await within(async (manager) => {
      await read(manager);
      await sql(manager, change);
    });
    const failure = await within(read).catch((error: unknown) => error);
    expect(failure).toMatchObject({ sqlState: '40001', transient: true });
    expect((await within(read)).map(({ name }: { name?: string }) => name)).toEqual(['two']);
  });

  it('is one of at most 256, and others are sent as they are', async () => {
    const numbers = await within(async (manager) => {
      for (let n = 0; n < 300; n += 1) await preparedSql(manager, `SELECT ${n} AS n WHERE $1`, [true]);
      return (await kept(manager)).length;
    });
    expect(numbers).toBe(256);
  });
});
