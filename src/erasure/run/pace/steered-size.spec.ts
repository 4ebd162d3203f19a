import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { band, SteeredSize } from './steered-size.js';

/** A database that does so much in a millisecond, and takes so long for each transaction besides. */
function steer(size: SteeredSize, perMs: number, overheadMs: number, rounds: number): number[] {
  return Array.from({ length: rounds }, () => {
    const ms = overheadMs + size.value / perMs;
    size.lasted(size.value, ms);
    return ms;
  });
}

describe('the size of a chunk', () => {
  it.each([
    ['a fast database', 100, 2],
    ['a slow one', 3, 10],
    ['one that is far away', 50, 60],
  ])('comes to transactions of 100 to 160 ms on %s, and stays there', (_what, perMs, overheadMs) => {
    const ms = steer(new SteeredSize(2_000, 50, 50_000), perMs, overheadMs, 20).slice(8);
    for (const one of ms) {
      expect(one).toBeGreaterThanOrEqual(band.shortestMs);
      expect(one).toBeLessThanOrEqual(band.longestMs);
    }
  });

  it('follows a database that becomes slower and faster again', () => {
    const size = new SteeredSize(2_000, 50, 50_000);
    const fast = steer(size, 100, 2, 10).at(-1);
    const slow = steer(size, 10, 2, 10).at(-1);
    const again = steer(size, 100, 2, 10).at(-1);
    for (const ms of [fast, slow, again]) {
      expect(ms).toBeGreaterThanOrEqual(band.shortestMs);
      expect(ms).toBeLessThanOrEqual(band.longestMs);
    }
  });

  it('does not grow for lack of work', () => {
    const size = new SteeredSize(2_000, 50, 50_000);
    size.lasted(1_999, 5);
    expect(size.value).toBe(2_000);
  });

  it('shrinks by what was done, not by what was allowed', () => {
    const size = new SteeredSize(2_000, 50, 50_000);
    size.lasted(1_500, 240);
    expect(size.value).toBe(750);
  });

  it('is quartered at most for a single odd transaction, and by a statement that was ended', () => {
    const size = new SteeredSize(2_000, 50, 50_000);
    size.lasted(3, 299);
    expect(size.value).toBe(500);
    size.slowDown();
    expect(size.value).toBe(125);
  });

  it('stays a whole number within its bounds whatever it is told', () => {
    const told = fc.array(fc.tuple(fc.nat(100_000), fc.double({ min: 0, max: 10_000, noNaN: true })));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), told, (most, transactions) => {
        const size = new SteeredSize(100, Math.min(50, most), most);
        for (const [did, ms] of transactions) {
          size.lasted(did, ms);
          expect(Number.isInteger(size.value)).toBe(true);
          expect(size.value).toBeGreaterThanOrEqual(Math.min(50, most));
          expect(size.value).toBeLessThanOrEqual(most);
        }
      }),
    );
  });
});
