import { type DataSource, type EntityManager } from 'typeorm';
import { type Boundary, reachFaultPoint } from '../config/fault-points.js';
import { toDatabaseFault } from './database-fault.js';
import { quietTransaction } from './server-log.js';

/** Time-outs of one transaction, in milliseconds. All are SET LOCAL: they also hold behind a transaction pooler. */
export interface TransactionLimits {
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
  readonly idleInTransactionTimeoutMs: number;
}

/**
 * Runs `work` in one transaction that begins with its time-outs and with `row_security = off`, so that a policy that would
 * hide rows is an error instead of a false "nothing left", and during which the server's log is quiet where the role may
 * say so: every statement that carries keys of people belongs in one. Rolls back when `work` throws.
 *
 * @param boundary what tests that crash the process around the commit call it; null for what is no part of the job
 * @throws DatabaseFault; whatever else `work` throws passes unchanged
 */
export async function inTransaction<T>(
  dataSource: DataSource,
  limits: TransactionLimits,
  boundary: Boundary | null,
  work: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  try {
    const result = await dataSource.transaction(async (manager) => {
      // Several statements in one message, without parameters: one round trip.
      await manager.query(
        `SET LOCAL row_security = off;
         SET LOCAL statement_timeout = ${milliseconds(limits.statementTimeoutMs)};
         SET LOCAL lock_timeout = ${milliseconds(limits.lockTimeoutMs)};
         SET LOCAL idle_in_transaction_session_timeout = ${milliseconds(limits.idleInTransactionTimeoutMs)};
         ${quietTransaction(dataSource.driver.version)}`,
      );
      const done = await work(manager);
      if (boundary) await reachFaultPoint(`${boundary}:before-commit`);
      return done;
    });
    if (boundary) await reachFaultPoint(`${boundary}:after-commit`);
    return result;
  } catch (error) {
    throw toDatabaseFault(error);
  }
}

function milliseconds(value: number): number {
  if (!Number.isInteger(value) || value < 0) throw new Error('a time-out is a whole number of milliseconds');
  return value;
}
