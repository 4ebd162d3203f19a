import { DatabaseFault } from '../database/database-fault.js';

/**
 * Does one thing after the other: what fails keeps nothing that comes after it waiting. Only without a connection is the rest
 * left out, since none of it could be done.
 *
 * @throws the first failure, when everything else is done
 */
export async function eachByItself(works: readonly (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const work of works)
    try {
      await work();
    } catch (error) {
      if (error instanceof DatabaseFault && error.connectionLost) throw error;
      failures.push(error);
    }
  if (failures.length > 0) throw failures[0];
}
