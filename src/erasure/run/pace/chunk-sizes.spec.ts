import { describe, expect, it } from '@jest/globals';
import { type Settings } from '../../../config/settings.js';
import { ChunkSizes } from './chunk-sizes.js';

function sizes(chunkPersons = 500, chunkRows = 50_000): ChunkSizes {
  return new ChunkSizes({ chunkPersons, chunkRows, chunkMs: 100 } as Settings);
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

  it('make transactions last 100 to 160 ms', () => {
    const chunk = sizes();
    for (let n = 0; n < 20; n += 1) chunk.erased(chunk.persons, chunk.rows, chunk.rows / 20);
    expect(chunk.rows / 20).toBeGreaterThanOrEqual(100);
    expect(chunk.rows / 20).toBeLessThanOrEqual(160);
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
