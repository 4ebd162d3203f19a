import { describe, expect, it } from '@jest/globals';
import { framed } from './framed.js';

describe('framed parts', () => {
  it('are what everything sealed so far was framed as: each behind its length in bytes', () => {
    const bytes = framed(['entry', '', 'ä😀\ud800', Buffer.from([0, 255])]);
    expect(bytes.toString('hex')).toBe(`00000005656e7472790000000000000009c3a4f09f9880efbfbd0000000200ff`);
    expect(framed([])).toEqual(Buffer.alloc(0));
  });
});
