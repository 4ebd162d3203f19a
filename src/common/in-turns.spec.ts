import { describe, expect, it } from '@jest/globals';
import { inTurns } from './in-turns.js';

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
});
