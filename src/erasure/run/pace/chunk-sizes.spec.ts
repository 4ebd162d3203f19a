import { describe, expect, it } from '@jest/globals';
import { type Settings } from '../../../config/settings.js';
import { ChunkSizes } from './chunk-sizes.js';

function sizes(chunkPersons = 500, chunkRows = 50_000, pace: Settings['pace'] = 'full'): ChunkSizes {
  return new ChunkSizes({ chunkPersons, chunkRows, pace, chunkMs: 100 } as Settings);
}

describe('the sizes of chunks', () => {
  it('begin small and grow while transactions are short: rows by erasing, persons by probing', () => {
    const chunk = sizes();
    const [persons, rows] = [chunk.persons, chunk.rows];
    chunk.erased(persons, rows, 20);
    expect([chunk.persons, chunk.rows]).toEqual([persons, 2 * rows]);
    chunk.handled(persons, 20);
    expect([chunk.persons, chunk.rows]).toEqual([2 * persons, 2 * rows]);
  });

  it('are a quarter, and so is how long a transaction lasts, where the pace is gentle', () => {
    const [full, gentle] = [sizes(), sizes(500, 50_000, 'gentle')];
    expect([full.enoughMs, gentle.enoughMs]).toEqual([100, 25]);
    expect([4 * gentle.persons, 4 * gentle.rows]).toEqual([full.persons, full.rows]);
    for (const chunk of [full, gentle])
      for (let n = 0; n < 20; n += 1) chunk.erased(chunk.persons, chunk.rows, chunk.rows / 20);
    expect(full.rows / 20).toBeGreaterThanOrEqual(100);
    expect(full.rows / 20).toBeLessThanOrEqual(200);
    expect(gentle.rows / 20).toBeGreaterThanOrEqual(25);
    expect(gentle.rows / 20).toBeLessThanOrEqual(50);
    for (let n = 0; n < 20; n += 1) gentle.handled(gentle.persons, 2_000);
    expect(gentle.persons).toBe(25);
  });

  it('never pass what the settings allow', () => {
    const chunk = sizes(7, 30);
    expect([chunk.persons, chunk.rows]).toEqual([7, 30]);
    chunk.erased(7, 30, 1);
    chunk.handled(7, 1);
    expect([chunk.persons, chunk.rows]).toEqual([7, 30]);
  });

  it('take fewer rows where rows take long', () => {
    const chunk = sizes();
    const { persons, rows } = chunk;
    chunk.erased(persons, rows, 600);
    expect(chunk.rows).toBeLessThan(rows / 2);
    expect(chunk.persons).toBe(persons);
  });

  it('name fewer persons where looking for them takes long', () => {
    const chunk = sizes();
    for (let n = 0; n < 3; n += 1) chunk.handled(chunk.persons, 20);
    const { persons } = chunk;
    chunk.handled(persons, 400);
    expect(chunk.persons).toBeLessThan(persons / 2);
    const before = chunk.persons;
    chunk.erased(before, 3, 400);
    expect(chunk.persons).toBeLessThan(before);
  });

  it('never name so few that their statements are what takes the time, unless one was ended', () => {
    const chunk = sizes();
    for (let n = 0; n < 10; n += 1) chunk.handled(chunk.persons, 2_000);
    expect(chunk.persons).toBe(100);
    chunk.slowDown();
    expect(chunk.persons).toBe(25);
    chunk.handled(chunk.persons, 2_000);
    expect(chunk.persons).toBe(25);
    chunk.handled(chunk.persons, 20);
    expect(chunk.persons).toBe(50);
  });

  it('shrink both after a statement that was ended', () => {
    const chunk = sizes();
    const { persons, rows } = chunk;
    chunk.slowDown();
    expect([chunk.persons, chunk.rows]).toEqual([persons / 4, rows / 4]);
  });
});
