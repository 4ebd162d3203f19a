import { describe, expect, it } from '@jest/globals';
import { ApiError } from '../../common/errors/api-error.js';
import { parseJsonBody } from './json-body.js';

/** The sample as it is published: keys without quotes, a comma missing after botIds, a comment. */
const publishedSample = `{
  userIds: ["u-secret-1", "u-secret-2"],
  botIds: ["st-secret"]
  RemoveDataFromAllBots: false // true for all bots
}`;

function refusal(body: string | Buffer): ApiError {
  try {
    parseJsonBody(Buffer.from(body));
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('the body was accepted');
}

function told(body: string | Buffer): string {
  const detail = refusal(body).options.details?.[0];
  return `${detail?.field ?? ''}: ${detail?.problem ?? ''}`;
}

describe('a body of a call', () => {
  it('is the JSON value it holds, with or without a byte order mark', () => {
    expect(parseJsonBody(Buffer.from('{"userIds":["u-1"]}'))).toEqual({ userIds: ['u-1'] });
    expect(parseJsonBody(Buffer.from('\uFEFF{"userIds":["ä😀"]}'))).toEqual({ userIds: ['ä😀'] });
  });

  it('is absent when it is empty', () => {
    expect(parseJsonBody(Buffer.alloc(0))).toBeUndefined();
  });

  it('is refused with line, column and kind of the first mistake', () => {
    expect(refusal(publishedSample)).toMatchObject({
      httpStatus: 400,
      reason: 'INVALID_JSON',
      message:
        'The body is not valid JSON: a key without double quotes at line 2, column 3; expected every key in double quotes',
    });
  });

  it.each([
    ['{"a": 1,\n b: 2}', 'line 2, column 2: a key without double quotes'],
    ['{"userIds": ["u-1"]\n "botIds": []}', 'line 2, column 2: a missing comma'],
    ['{"userIds": ["u-1"]\n botIds: []}', 'line 2, column 2: a missing comma'],
    ['["a" "b"]', 'line 1, column 6: a missing comma'],
    ['{"a": false // true\n}', 'line 1, column 13: a comment'],
    ['{"a": /* x */ 1}', 'line 1, column 7: a comment'],
    ['{"a": [1, 2', 'line 1, column 12: the end of the body'],
    ['{"a":', 'line 1, column 6: the end of the body'],
    ['{"a"', 'line 1, column 5: the end of the body'],
    ['{', 'line 1, column 2: the end of the body'],
    ['   ', 'line 1, column 4: the end of the body'],
    ['{"a": "b', 'line 1, column 7: a string that does not end'],
    ["{'a': 1}", 'line 1, column 2: a single quotation mark'],
    ['{"a": \'b\'}', 'line 1, column 7: a single quotation mark'],
    ['{“a”: 1}', 'line 1, column 2: a typographic quotation mark'],
    ['{"a": jane}', 'line 1, column 7: a value without double quotes'],
    ['[jane]', 'line 1, column 2: a value without double quotes'],
    ['{"a" 1}', 'line 1, column 6: a missing colon'],
    ['{"a" b}', 'line 1, column 6: a missing colon'],
    ['{"a": 1,}', 'line 1, column 9: a comma with nothing after it'],
    ['[1,]', 'line 1, column 4: a comma with nothing after it'],
    ['{"a": [1}', 'line 1, column 9: the wrong closing bracket'],
    ['{"a": }', 'line 1, column 7: a missing value'],
    ['{} {}', 'line 1, column 4: something after the end of the value'],
    ['{"a": "\\x"}', 'line 1, column 7: an unknown escape in a string'],
    ['{"a": "\t"}', 'line 1, column 7: a control character in a string'],
    ['{"a": 1.}', 'line 1, column 7: a number that JSON does not know'],
    ['{"a": 01}', 'line 1, column 8: a missing comma'],
    ['{"__proto__": {}}', 'line 1, column 2: a key that is not allowed'],
    ['{"constructor": {"prototype": {}}}', 'line 1, column 18: a key that is not allowed'],
  ])('%j: %s', (body, expected) => {
    expect(told(body)).toBe(expected);
  });

  it('is refused when it is not UTF-8, instead of being changed', () => {
    expect(told(Buffer.from([0x22, 0xff, 0x22]))).toBe('body: bytes that are not UTF-8');
    expect(told(Buffer.from('\uFEFF{}', 'utf16le'))).toBe('body: bytes that are not UTF-8');
  });

  it('nests eight levels and no more, whatever brackets its strings hold', () => {
    expect(parseJsonBody(Buffer.from('[[[[[[[["[[\\"[["]]]]]]]]'))).toBeDefined();
    expect(told('[[[[[[[[[]]]]]]]]]')).toBe('body: more than 8 levels');
    expect(told('{"a":'.repeat(9))).toBe('body: more than 8 levels');
    expect(told('['.repeat(4_000_000))).toBe('body: more than 8 levels');
    expect(parseJsonBody(Buffer.from(`[${'[],'.repeat(20)}[]]`))).toHaveLength(21);
  });

  it('has 150,000 values and 25,000 keys and no more, whatever commas and colons its strings hold', () => {
    const list = (length: number): string => JSON.stringify(Array.from({ length }, () => ',:'));
    expect(parseJsonBody(Buffer.from(list(150_001)))).toHaveLength(150_001);
    expect(told(list(150_002))).toBe('body: more than 150000 values');
    const keys = (length: number): string => JSON.stringify(Array.from({ length }, () => ({ a: 1 })));
    expect(parseJsonBody(Buffer.from(keys(25_000)))).toHaveLength(25_000);
    expect(told(keys(25_001))).toBe('body: more than 25000 keys');
  });

  it('is the same value however its characters fall on the slices in which it is read', () => {
    for (const character of ['x', 'é', '€', '😀', '\\"'])
      for (const shift of ['', 'a', 'ab', 'abc']) {
        const value = [shift + character.repeat(300_000), ',:[{'];
        expect(parseJsonBody(Buffer.from(`\uFEFF${JSON.stringify(value)}`))).toEqual(value);
      }
  });

  it('is only said to have a mistake where it is too long to look for it', () => {
    const long = (length: number): string => `{"a": "${'x'.repeat(length - 11)}"  b`;
    expect(told(long(512 * 1024))).toMatch(/^line 1, column 5242\d\d: /);
    expect(told(long(512 * 1024 + 1))).toBe('body: a mistake somewhere in it');
  });

  it('leaves no trace of itself in the refusal', () => {
    expect(JSON.stringify(refusal(publishedSample))).not.toMatch(/secret|RemoveData|botIds/);
    expect(refusal('{"a": marked-value}').message).not.toContain('marked');
  });
});
