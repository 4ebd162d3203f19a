import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { commands, settle } from './model/commands.js';
import { ErasingWorld } from './model/erasing-world.js';
import { ErasureModel } from './model/erasure-model.js';
import { MortalService } from './model/mortal-service.js';

/** `CHAOS_RUNS`: how many; `CHAOS_SEED` and `CHAOS_PATH`: those of a failure, to see it again. */
const { CHAOS_RUNS = '24', CHAOS_SEED = '20261126', CHAOS_PATH } = process.env;
const PEOPLE = 6;

describe('any order of calls, cancels, retries, pauses, faults, writes and new owners', () => {
  let directory: string;
  let world: ErasingWorld;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'expunge-model-'));
    world = await ErasingWorld.open(join(directory, 'data-map.yaml'), [0, 150]);
  });

  afterAll(async () => {
    await world.close();
    await rm(directory, { recursive: true, force: true });
  });

  it(
    'ends as the model says',
    async () => {
      await fc.assert(
        fc.asyncProperty(commands, async (sequence) => {
          const rows = await world.begin(PEOPLE);
          const persons = rows.map((own) => ({
            written: new Set(own),
            kept: null,
            hasOwned: false,
            requests: [],
          }));
          const model = new ErasureModel(persons);
          await fc.asyncModelRun(() => ({ model, real: world }), sequence);
          await settle.run(model, world);
        }),
        {
          seed: Number(CHAOS_SEED),
          numRuns: Number(CHAOS_RUNS),
          // Else a third of the runs would be empty.
          unbiased: true,
          endOnFailure: false,
          ...(CHAOS_PATH === undefined ? {} : { path: CHAOS_PATH }),
        },
      );
      // A model that nothing ever happened to proves nothing.
      const { happened, takenOver } = MortalService;
      if (process.env['CHAOS_RUNS'] !== undefined)
        process.stdout.write(`${JSON.stringify({ happened, takenOver })}\n`);
      for (const times of Object.values(happened)) expect(times).toBeGreaterThan(0);
      expect(takenOver).toBeGreaterThan(0);
    },
    Number(CHAOS_RUNS) * 30_000,
  );
});
