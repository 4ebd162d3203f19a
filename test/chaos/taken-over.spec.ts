import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { unguarded } from './model/commands.js';
import { ErasingWorld, newKey } from './model/erasing-world.js';
import { MortalService } from './model/mortal-service.js';

describe('a worker that stood still until another took over', () => {
  let directory: string;
  let world: ErasingWorld;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'expunge-taken-over-'));
    world = await ErasingWorld.open(join(directory, 'data-map.yaml'), [0]);
  });

  afterAll(async () => {
    await world.close();
    await rm(directory, { recursive: true, force: true });
  });

  it.each(unguarded)('writes nothing more: %s', async (at) => {
    await world.begin(2);
    const before = MortalService.takenOver;
    world.arm({ at, nth: 1, what: 'stall' });
    await world.erase([0, 1], newKey());
    await world.settle();
    expect(MortalService.takenOver).toBe(before + 1);
    expect(await world.offences()).toEqual([]);
    expect([...(await world.rowsOf(0)), ...(await world.rowsOf(1))]).toEqual([]);
  });
});
