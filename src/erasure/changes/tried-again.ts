import { setTimeout as wait } from 'node:timers/promises';
import { workCounters } from '../../common/metrics/work-counters.js';
import { DatabaseFault } from '../../database/database-fault.js';

const TRIES = 8;
const LONGEST_WAIT_MS = 150;
/** Longer than whoever plans a page holds the request's row; after it nothing is tried again. */
const TRYING_MS = 4_000;

/**
 * Does the same again after deadlocks, time-outs and the like, a few times and after waits of random length. Not after a lost
 * connection: then nobody knows whether it was done.
 *
 * @param work may be done from the beginning each time, like a transaction that was rolled back
 * @throws what the last try threw
 */
export async function triedAgain<T>(work: () => Promise<T>): Promise<T> {
  const end = performance.now() + TRYING_MS;
  for (let attempt = 1; ; attempt += 1)
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DatabaseFault) || !error.transient || error.connectionLost) throw error;
      if (attempt === TRIES || performance.now() >= end) throw error;
      workCounters.retries.inc({ work: 'transaction' });
      await wait(Math.random() * LONGEST_WAIT_MS);
    }
}
