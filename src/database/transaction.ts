import { type DataSource, type EntityManager, type QueryRunner } from 'typeorm';
import { type Boundary, reachFaultPoint } from '../config/fault-points.js';
import { collectAfterCommit } from './after-commit.js';
import { toDatabaseFault } from './database-fault.js';
import { quietTransaction } from './server-log.js';

/** Time-outs of one transaction, in milliseconds. All are SET LOCAL: they also hold behind a transaction pooler. */
export interface TransactionLimits {
  readonly statementTimeoutMs: number;
  /**
   * Cut to half of the server's `deadlock_timeout`, so that in a deadlock with the platform we give way before anybody is
   * chosen as the victim. 0: as long as the statement may take.
   */
  readonly lockTimeoutMs: number;
  readonly idleInTransactionTimeoutMs: number;
  /**
   * How long the server waits for a process that is gone or takes none of its answers, in the midst of a statement too. 0:
   * as long as the network does.
   */
  readonly deadClientTimeoutMs: number;
}

export interface TransactionOptions {
  /**
   * The server makes plans that know nothing of the values, those of prepared statements once for the connection: for
   * transactions of statements whose plan is right whatever they are given. Left to itself it goes on planning what is asked
   * for a single person each time, because one key looks cheaper to it than the ten that it guesses else.
   */
  readonly planOnce?: boolean;
}

/**
 * Runs `work` in one transaction that begins with its time-outs and with `row_security = off`, so that a policy that would
 * hide rows is an error instead of a false "nothing left", and during which the server's log is quiet where the role may
 * say so: every statement that carries keys of people belongs in one. Each statement sees what was committed before it,
 * whatever the server does for others: what is read after a lock would else be as it was before. Nothing is compiled: for
 * statements like ours, which run for milliseconds, a server as it is installed takes longer for that than they may last.
 * No table is read as a whole where an index will do: a session plans the check of a foreign key once, and where the table
 * was small then it would go on reading all of it, for every row that is written, until somebody analyses it. Rolls back
 * when `work` throws.
 *
 * @param boundary what tests that crash the process around the commit call it; null for what is no part of the job
 * @throws DatabaseFault; whatever else `work` throws passes unchanged
 */
export async function inTransaction<T>(
  dataSource: DataSource,
  limits: TransactionLimits,
  boundary: Boundary | null,
  work: (manager: EntityManager) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  try {
    const runner = dataSource.createQueryRunner();
    const committed = collectAfterCommit(runner.manager);
    const result = await releasing(runner, () =>
      rolledBackOnError(runner, async () => {
        await runner.query(beginning(dataSource, limits, options));
        const done = await work(runner.manager);
        if (boundary) await reachFaultPoint(`${boundary}:before-commit`);
        await runner.query('COMMIT');
        return done;
      }),
    );
    committed();
    if (boundary) await reachFaultPoint(`${boundary}:after-commit`);
    return result;
  } catch (error) {
    throw toDatabaseFault(error);
  }
}

/**
 * Runs `work`, a single statement that commits by itself: one message where a transaction takes three. It must carry no keys
 * of people, since the server's log is as it is, and wait for nobody, since it has no time-outs but the connection's own.
 *
 * @param boundary as of `inTransaction`
 * @throws as `inTransaction` does
 */
export async function inOneStatement<T>(
  dataSource: DataSource,
  boundary: Boundary,
  work: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  try {
    await reachFaultPoint(`${boundary}:before-commit`);
    const runner = dataSource.createQueryRunner();
    const result = await releasing(runner, () => work(runner.manager));
    await reachFaultPoint(`${boundary}:after-commit`);
    return result;
  } catch (error) {
    throw toDatabaseFault(error);
  }
}

/** Several statements in one message, without parameters: one round trip, where TypeORM would take one to begin alone. */
function beginning(
  { driver }: DataSource,
  limits: TransactionLimits,
  { planOnce = false }: TransactionOptions,
): string {
  return `START TRANSACTION ISOLATION LEVEL READ COMMITTED;
    SET LOCAL row_security = off;
    SET LOCAL jit = off;
    SET LOCAL enable_seqscan = off;
    ${planOnce ? 'SET LOCAL plan_cache_mode = force_generic_plan;' : ''}
    SET LOCAL statement_timeout = ${milliseconds(limits.statementTimeoutMs)};
    SET LOCAL lock_timeout = ${milliseconds(limits.lockTimeoutMs)};
    SET LOCAL idle_in_transaction_session_timeout = ${milliseconds(limits.idleInTransactionTimeoutMs)};
    SET LOCAL tcp_user_timeout = ${milliseconds(limits.deadClientTimeoutMs)};
    ${limits.lockTimeoutMs === 0 ? '' : givingWay} ${noticingTheDead(limits.deadClientTimeoutMs)}
    ${quietTransaction(driver.version)}`;
}

async function rolledBackOnError<T>(runner: QueryRunner, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // A connection that is gone can't be told; then the server rolls back by itself.
    await runner.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** Gives the connection back, whatever comes of it. */
async function releasing<T>(runner: QueryRunner, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await runner.release();
  }
}

/** A server may be told at any time to look for deadlocks sooner, so this asks each time. */
const givingWay = `SELECT set_config('lock_timeout', half.ms::text, true)
  FROM (SELECT (extract(epoch FROM current_setting('deadlock_timeout')::interval) * 500)::integer AS ms) half
  WHERE half.ms < extract(epoch FROM current_setting('lock_timeout')::interval) * 1000;`;

/** Servers of some systems can't look whether a client is still there, and refuse to be told so. */
function noticingTheDead(afterMs: number): string {
  return `SELECT set_config('client_connection_check_interval', '${milliseconds(afterMs)}', true)
    WHERE version() LIKE '%linux%';`;
}

function milliseconds(value: number): number {
  if (!Number.isInteger(value) || value < 0) throw new Error('a time-out is a whole number of milliseconds');
  return value;
}
