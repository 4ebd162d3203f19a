import { describe, expect, it } from '@jest/globals';
import { Random } from '../../bench/frame/random.js';
import { compare } from '../../bench/frame/compare.js';
import { type TimedRun } from '../../bench/frame/contest.js';
import { logSlope, median, medianInterval, quantile } from '../../bench/report/statistics.js';

describe('the statistics', () => {
  it('know the middle and the quantiles', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(quantile([0, 10], 0.99)).toBeCloseTo(9.9);
    expect(() => median([])).toThrow('no values');
  });

  it('give an interval that holds the median with 95 %, or all there is of few values', () => {
    expect(medianInterval([5, 1, 9])).toEqual([1, 9]);
    expect(medianInterval([1, 2, 3, 4, 5, 6, 7])).toEqual([1, 7]);
    expect(medianInterval([1, 2, 3, 4, 5, 6, 7, 8, 9])).toEqual([2, 8]);
  });

  it('know the slope of a power', () => {
    expect(logSlope([1, 10, 100].map((size) => [size, 3 * size ** 0.5]))).toBeCloseTo(0.5);
    expect(logSlope([1_000, 10_000].map((size) => [size, size / 7]))).toBeCloseTo(1);
  });
});

describe('turns', () => {
  it('come in another order each time, and again in the same for the same seed', () => {
    const orders = (seed: number): string[] => {
      const random = new Random(seed);
      return Array.from({ length: 20 }, () => random.shuffled(['a', 'b', 'c', 'd']).join(''));
    };
    expect(orders(1)).toEqual(orders(1));
    expect(orders(1)).not.toEqual(orders(2));
    expect(new Set(orders(1)).size).toBeGreaterThan(5);
    for (const order of orders(3)) expect(order).toMatch(/^(?=.*a)(?=.*b)(?=.*c)(?=.*d).{4}$/);
  });
});

describe('a comparison', () => {
  const run = (rowsPerSecond: number, changes: Partial<TimedRun> = {}): TimedRun => ({
    seconds: 1,
    rows: rowsPerSecond,
    rowsPerSecond,
    finished: true,
    walBytes: 0,
    transactionsMs: [],
    wrong: [],
    ...changes,
  });

  it('takes the ratio within each round, so that a slow minute of the machine hits both', () => {
    const rounds = new Map([
      ['one', [run(100), run(10), run(100)]],
      ['other', [run(100), run(10), run(50)]],
    ]);
    expect(compare(rounds, 'one', 'other')).toMatchObject({
      value: 100,
      reference: 50,
      ratio: 1,
      right: true,
    });
  });

  it('leaves out what the reference ran alone afterwards', () => {
    const rounds = new Map([
      ['one', [run(100)]],
      ['other', [run(50), run(1_000), run(1_000)]],
    ]);
    expect(compare(rounds, 'one', 'other')).toMatchObject({ reference: 50, ratio: 2, repetitions: 1 });
  });

  it('is not right when anyone touched somebody else, left something, or did not finish', () => {
    const good = [run(100)];
    expect(
      compare(
        new Map([
          ['one', good],
          ['other', [run(1, { wrong: ['x'] })]],
        ]),
        'one',
        'other',
      ).right,
    ).toBe(false);
    expect(
      compare(
        new Map([
          ['one', [run(1, { finished: false })]],
          ['other', good],
        ]),
        'one',
        'other',
      ).right,
    ).toBe(false);
    expect(() => compare(new Map([['one', good]]), 'one', 'other')).toThrow('other never ran');
  });
});
