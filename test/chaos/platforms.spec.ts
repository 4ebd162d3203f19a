import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type TestDatabase, testDatabase } from '../support/postgres.js';
import { tryByStore } from './platforms/by-store.js';
import { anyPlatform } from './platforms/platform.js';

/** `CHAOS_RUNS`: how many; `CHAOS_SEED` and `CHAOS_PATH`: those of a failure, to see it again. */
const { CHAOS_RUNS = '250', CHAOS_SEED = '20261126', CHAOS_PATH } = process.env;

/** Looking for the smallest platform that fails ends here, with the smallest that was found. */
const GIVES_UP_AFTER_MS = 240_000;

describe('any platform and its data map', () => {
  let db: TestDatabase;

  beforeAll(async () => {
    db = await testDatabase();
  });

  afterAll(async () => {
    await db.drop();
  });

  it(
    'loses what the map says and nothing else',
    async () => {
      let rows = 0;
      await fc.assert(
        fc.asyncProperty(anyPlatform(), async (platform) => {
          const { wrong, erased } = await tryByStore(db, platform);
          rows += erased;
          if (wrong.length > 0) throw new Error(wrong.join('\n'));
        }),
        {
          seed: Number(CHAOS_SEED),
          numRuns: Number(CHAOS_RUNS),
          ...(CHAOS_PATH === undefined ? {} : { path: CHAOS_PATH }),
          interruptAfterTimeLimit: GIVES_UP_AFTER_MS,
        },
      );
      // Platforms that nothing had to go from prove nothing.
      if (CHAOS_PATH === undefined) expect(rows).toBeGreaterThan(Number(CHAOS_RUNS));
    },
    Number(CHAOS_RUNS) * 5_000,
  );
});
