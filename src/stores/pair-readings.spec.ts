import { describe, expect, it } from '@jest/globals';
import { firstReading, hasTooManyReadings, MOST_READINGS, pairReadings } from './pair-readings.js';

describe('reading a string as a pair', () => {
  it('lets either side hold slashes, and neither be empty', () => {
    expect(pairReadings('a/b/c')).toEqual([
      ['a', 'b/c'],
      ['a/b', 'c'],
    ]);
    expect(pairReadings('a//b')).toEqual([
      ['a', '/b'],
      ['a/', 'b'],
    ]);
    for (const none of ['', 'a', '/a', 'a/', '/', '//']) expect(pairReadings(none)).toEqual([]);
    expect([firstReading('a/b/c'), firstReading('a')]).toEqual([['a', 'b/c'], null]);
  });

  it('says from where on they are too many', () => {
    expect(hasTooManyReadings(`a${'/b'.repeat(MOST_READINGS)}`)).toBe(false);
    expect(hasTooManyReadings(`a${'/b'.repeat(MOST_READINGS + 1)}`)).toBe(true);
    expect(hasTooManyReadings('/'.repeat(512))).toBe(true);
  });
});
