import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type TestDatabase, testDatabase } from '../support/postgres.js';
import { tryByService } from './platforms/by-service.js';
import { tryByStore } from './platforms/by-store.js';
import { anyPlatform } from './platforms/platform.js';

/** `CHAOS_RUNS`: how many; `CHAOS_SEED` and `CHAOS_PATH`: those of a failure, to see it again. */
const { CHAOS_RUNS = '200', CHAOS_SEED = '20261200', CHAOS_PATH } = process.env;

/** Looking for the smallest platform that fails ends here, with the smallest that was found. */
const GIVES_UP_AFTER_MS = 240_000;

/** Platforms that one service erases from. */
const SERVED = 12;

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

  it('loses no more and no less by way of the service, which tells what became of whom', async () => {
    const place = await mkdtemp(join(tmpdir(), 'expunge-platforms-'));
    const platforms = Array.from({ length: SERVED }, (_, number) => {
      const [platform] = fc.sample(anyPlatform(String(10 + number)), {
        seed: Number(CHAOS_SEED) + number,
        numRuns: 1,
        unbiased: true,
      });
      if (!platform) throw new Error('no platform');
      return platform;
    });
    const wrong = await tryByService(db, platforms, join(place, 'data-map.yaml'));
    await rm(place, { recursive: true });
    for (const [number, some] of wrong.entries())
      if (some.length > 0) throw new Error(`${some.join('\n')}\n${fc.stringify(platforms[number])}`);
  }, 300_000);
});
