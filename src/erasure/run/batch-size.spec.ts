import { describe, expect, it } from '@jest/globals';
import { batchSize } from './batch-size.js';

describe('the size of a batch', () => {
  const settings = { batchPersons: 500, workerConcurrency: 2 };

  it.each([
    [1, 100],
    [150, 100],
    [400, 200],
    [401, 201],
    [1_000, 500],
    [1_001, 251],
    [1_600, 400],
    [10_100, 460],
    [1_000_000, 500],
  ])('of a request of %i entries is %i', (total, size) => {
    expect(batchSize(total, settings)).toBe(size);
  });

  it('is never above what is set', () => {
    expect(batchSize(400, { ...settings, batchPersons: 10 })).toBe(10);
  });
});
