import { describe, expect, it } from '@jest/globals';
import { finishInTurns, inTurns } from './in-turns.js';

describe('work in turns', () => {
  it('maps a list in its order', async () => {
    const squares = await inTurns([3, 1, 2], (item, index) => [item * item, index]);
    expect(squares).toEqual([
      [9, 0],
      [1, 1],
      [4, 2],
    ]);
    expect(await inTurns([], () => 1)).toEqual([]);
  });

  it('lets others have their turn in the midst of a long list, however slow each item is', async () => {
    let done = 0;
    const seen: number[] = [];
    const other = (): void => {
      seen.push(done);
      if (done < 20) setImmediate(other);
    };
    setImmediate(other);
    await inTurns(Array.from({ length: 20 }), () => {
      const until = performance.now() + 2;
      while (performance.now() < until);
      done += 1;
    });
    expect(seen.filter((progress) => progress > 0 && progress < 20).length).toBeGreaterThan(1);
  });

  it('does work that yields to its end, and passes on what it fails with', async () => {
    function* sum(numbers: readonly number[]): Generator<undefined, number> {
      let total = 0;
      for (const number of numbers) {
        total += number;
        yield;
      }
      if (total > 10) throw new RangeError('too much');
      return total;
    }
    expect(await finishInTurns(sum([1, 2, 3]))).toBe(6);
    await expect(finishInTurns(sum([5, 6]))).rejects.toThrow(RangeError);
  });
});
