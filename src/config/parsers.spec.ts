import { expect, test } from '@jest/globals';
import { addresses, calendarSpan, duration, key, waitingTime, wholeNumber } from './parsers.js';

test.each([
  ['200ms', 200],
  ['2s', 2_000],
  ['10m', 600_000],
  ['1h', 3_600_000],
  ['30d', 2_592_000_000],
  ['0s', undefined],
  ['2', undefined],
  ['2 s', undefined],
  ['-2s', undefined],
  ['1.5s', undefined],
  ['999999999d', undefined],
])('the duration %s is %s ms', (text, ms) => {
  expect(duration.parse(text)).toBe(ms);
});

test.each(['P1M', 'P90D', 'P1Y6M', 'P2W'])('%s is a calendar span', (text) => {
  expect(calendarSpan.parse(text)).toBe(text);
});

test.each(['P', 'P0D', '1M', 'PT1H', 'P1', 'P1D1M', ''])('"%s" is no calendar span', (text) => {
  expect(calendarSpan.parse(text)).toBeUndefined();
});

test.each(['', '-1', '1.5', '1e3', '0x10', '11', '00000000011'])(
  '"%s" is no whole number from 0 to 10',
  (text) => {
    expect(wholeNumber(0, 10).parse(text)).toBeUndefined();
  },
);

test('a key is 32 bytes in base64 and nothing like it', () => {
  const bytes = Buffer.alloc(32, 255);
  expect(key.parse(bytes.toString('base64'))).toEqual(bytes);
  expect(key.parse(bytes.toString('base64url'))).toBeUndefined();
  expect(key.parse(bytes.toString('hex'))).toBeUndefined();
  expect(key.parse(Buffer.alloc(31).toString('base64'))).toBeUndefined();
});

test('proxies are addresses and ranges', () => {
  expect(addresses.parse('127.0.0.1,fd00::/8')).toEqual(['127.0.0.1', 'fd00::/8']);
  expect(addresses.parse('')).toEqual([]);
  for (const text of ['proxy', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', ','])
    expect(addresses.parse(text)).toBeUndefined();
});

test.each([
  ['0s', 0],
  ['0ms', 0],
  ['10m', 600_000],
  ['0', undefined],
  ['-1s', undefined],
])('the waiting time %s is %s ms', (text, ms) => {
  expect(waitingTime.parse(text)).toBe(ms);
});
