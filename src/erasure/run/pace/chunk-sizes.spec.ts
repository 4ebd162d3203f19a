import { describe, expect, it } from '@jest/globals';
import { type Settings } from '../../../config/settings.js';
import { ChunkSizes } from './chunk-sizes.js';

function sizes(chunkPersons = 500, chunkRows = 50_000): ChunkSizes {
  return new ChunkSizes({ chunkPersons, chunkRows } as Settings);
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
    const { persons } = chunk;
    chunk.erased(persons, 3, 600);
    expect(chunk.persons).toBeLessThan(persons / 2);
    const before = chunk.persons;
    chunk.handled(before, 600);
    expect(chunk.persons).toBeLessThan(before / 2);
  });

  it('shrink both after a statement that was ended', () => {
    const chunk = sizes();
    const { persons, rows } = chunk;
    chunk.slowDown();
    expect([chunk.persons, chunk.rows]).toEqual([persons / 4, rows / 4]);
  });
});
