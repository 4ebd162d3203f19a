import { expect } from '@jest/globals';
import { type TestDatabase } from '../../support/postgres.js';
import { openShop } from './tables.js';

/** What the check finds wrong between tables and a map, each with a remedy, as `kind collection: problem`. */
export async function wrong(
  db: TestDatabase,
  statements: readonly string[],
  collections: string,
  rest = '',
): Promise<readonly string[]> {
  const { driver } = await openShop(db, statements, collections, rest);
  const findings = await driver.check();
  for (const { remedy } of findings) expect(remedy).not.toBe('');
  return findings.map(({ kind, collection, problem }) => `${kind} ${collection}: ${problem}`);
}
