import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type DataSource } from 'typeorm';
import { inTransaction, type TransactionLimits } from '../../../src/database/transaction.js';
import { oneConnection, type TestDatabase, testDatabase } from '../../support/postgres.js';

const names = [
  'statement_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
  'tcp_user_timeout',
  'client_connection_check_interval',
];
const limits: TransactionLimits = {
  statementTimeoutMs: 1_900,
  lockTimeoutMs: 300,
  idleInTransactionTimeoutMs: 1_100,
  deadClientTimeoutMs: 1_700,
};

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase({ platform: false });
});
afterAll(() => db.drop());

/** In a transaction, and after it on the same connection. */
async function timeOuts(dataSource: DataSource, asked: TransactionLimits): Promise<string[][]> {
  const read = `SELECT ${names.map((name) => `current_setting('${name}') AS ${name}`).join(', ')}`;
  const within = await inTransaction(dataSource, asked, null, (manager) => manager.query<object[]>(read));
  const after = await dataSource.manager.query<object[]>(read);
  return [within, after].map(([row]) => Object.values(row ?? {}) as string[]);
}

it('a transaction begins with its time-outs, and leaves none of them to the connection', async () => {
  const dataSource = await oneConnection(db.url);
  const [within, after] = await timeOuts(dataSource, limits);
  // The last but one is told by the connection itself: the system took it.
  expect(within).toEqual(['1900ms', '300ms', '1100ms', '1700', '1700ms']);
  expect(after).toEqual(['0', '0', '0', '0', expect.not.stringContaining('1700')]);
  await dataSource.destroy();
});

it('waits for locks half as long as the server waits before it looks for deadlocks, whatever is set', async () => {
  const name = new URL(db.url).pathname.slice(1);
  await db.run(`ALTER DATABASE ${name} SET deadlock_timeout = '400ms'`);
  const dataSource = await oneConnection(db.url);
  const [within] = await timeOuts(dataSource, limits);
  expect(within?.[1]).toBe('200ms');
  expect((await timeOuts(dataSource, { ...limits, lockTimeoutMs: 100 }))[0]?.[1]).toBe('100ms');
  expect((await timeOuts(dataSource, { ...limits, lockTimeoutMs: 0 }))[0]?.[1]).toBe('0');
  await dataSource.destroy();
});

it('has none of its statements compiled, whatever the server does for others', async () => {
  const name = new URL(db.url).pathname.slice(1);
  await db.run(`ALTER DATABASE ${name} SET jit = on`);
  const dataSource = await oneConnection(db.url);
  const [within] = await inTransaction(dataSource, limits, null, (manager) =>
    manager.query<{ jit: string }[]>('SHOW jit'),
  );
  expect(within).toEqual({ jit: 'off' });
  expect(await dataSource.manager.query('SHOW jit')).toEqual([{ jit: 'on' }]);
  await dataSource.destroy();
});

it('sees in each statement what was committed before it, whatever the server does for others', async () => {
  const name = new URL(db.url).pathname.slice(1);
  await db.run(`ALTER DATABASE ${name} SET default_transaction_isolation = 'repeatable read'`);
  const dataSource = await oneConnection(db.url);
  const [within] = await inTransaction(dataSource, limits, null, (manager) =>
    manager.query<object[]>('SHOW transaction_isolation'),
  );
  expect(within).toEqual({ transaction_isolation: 'read committed' });
  await dataSource.destroy();
});
