import { describe, expect, it } from '@jest/globals';
import { type JsonLinesPiece } from '../../common/json-lines.js';
import { BulkLines } from './bulk-lines.js';

const head = { RemoveDataFromAllBots: true };

/** Pieces of `size` lines: the head, then `entries` of them. */
async function* pieces(entries: number, size: number, bytes = 0): AsyncGenerator<JsonLinesPiece> {
  yield { firstLine: 1, values: [head], bytes };
  for (let from = 0; from < entries; from += size) {
    const values = Array.from({ length: Math.min(size, entries - from) }, () => 'x');
    yield await Promise.resolve({ firstLine: from + 2, values, bytes });
  }
}

async function pagesOf(lines: BulkLines): Promise<readonly number[]> {
  await lines.head(new Date());
  const sizes: number[] = [];
  for await (const page of lines.pages()) sizes.push(page.length);
  return sizes;
}

describe('the lines of a bulk call', () => {
  it('come in pages of some thousand entries', async () => {
    expect(await pagesOf(new BulkLines(pieces(12_000, 1_000), false))).toEqual([5_000, 5_000, 2_000]);
    expect(await pagesOf(new BulkLines(pieces(1, 1), false))).toEqual([1]);
  });

  it('come in smaller pages where they are long', async () => {
    expect(await pagesOf(new BulkLines(pieces(400, 100, 256 * 1024), false))).toEqual([100, 200, 100]);
  });

  it('come in smaller pages where they come slowly, so that what is written says that they still come', async () => {
    let now = 0;
    const clock = (): number => (now += 4_000);
    expect(await pagesOf(new BulkLines(pieces(9, 1), false, clock))).toEqual([3, 3, 3]);
  });

  it('are a million entries at most', async () => {
    expect(await pagesOf(new BulkLines(pieces(1_000_000, 1_000), false))).toHaveLength(200);
    await expect(pagesOf(new BulkLines(pieces(1_000_001, 1_000), false))).rejects.toMatchObject({
      httpStatus: 412,
      options: { details: [{ field: 'line 1000002', problem: 'more than 1000000 entries' }] },
    });
  });
});
