import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { ApiError } from '../../common/errors/api-error.js';
import { NdjsonBody } from './ndjson-body.js';

const limits = { lineBytes: 100, bodyBytes: 10_000_000, silenceMs: 10_000 };

/** Every line with its number, or what the reading was refused for. */
async function read(
  chunks: readonly (string | Buffer)[],
  changes: Partial<typeof limits> = {},
): Promise<unknown> {
  const body = Readable.from(chunks.map((chunk) => Buffer.from(chunk as string)));
  const lines: unknown[] = [];
  try {
    for await (const { firstLine, values } of new NdjsonBody(body, { ...limits, ...changes }))
      values.forEach((value, index) => lines.push([firstLine + index, value]));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return [error.httpStatus, error.options.details?.[0]?.field];
  }
  return lines;
}

describe('a body of NDJSON', () => {
  it.each([
    ['whole lines', ['{"a":1}\n"x"\n', '5\n']],
    ['chunks that end anywhere', ['{"a"', ':1', '}', '\n"x"\n', '5', '\n']],
    ['a last line without its newline', ['{"a":1}\n"x"\n5']],
    ['line ends of Windows', ['{"a":1}\r\n"x"\r\n5\r\n']],
    ['one byte at a time', Array.from('{"a":1}\n"x"\n5\n')],
  ])('is read from %s', async (_, chunks) => {
    expect(await read(chunks)).toEqual([
      [1, { a: 1 }],
      [2, 'x'],
      [3, 5],
    ]);
  });

  it('is read where a chunk ends within a character', async () => {
    const bytes = Buffer.from('"ä😀"\n"ü"\n');
    expect(await read(Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual([
      [1, 'ä😀'],
      [2, 'ü'],
    ]);
  });

  it('counts its lines however they come', async () => {
    const lines = Array.from({ length: 5_500 }, (_, n) => `${n}\n`).join('');
    for (const size of [7, 1_000, lines.length]) {
      const chunks = lines.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
      expect(await read(chunks)).toEqual(Array.from({ length: 5_500 }, (_, n) => [n + 1, n]));
    }
  });

  it('without a byte has no lines', async () => {
    expect(await read([])).toEqual([]);
  });

  it.each([
    ['no JSON', ['1\n2\n{x}\n'], [400, 'line 3, column 2']],
    ['no JSON, at the very end', ['1\n2\n{"x"'], [400, 'line 3, column 5']],
    ['blank', ['1\n\n2\n'], [400, 'line 2']],
    ['the first, and blank', ['\n1\n'], [400, 'line 1']],
    ['no UTF-8', ['1\n', Buffer.of(0x22, 0xff, 0x22, 0x0a)], [400, 'line 2']],
    ['nested too deep', ['1\n[[[[[[[[[1]]]]]]]]]\n'], [400, 'line 2']],
    ['an attack on the prototype', ['1\n{"__proto__":{}}\n'], [400, 'line 2, column 2']],
    ['one byte too long', [`1\n"${'x'.repeat(99)}"\n`], [413, 'line 2']],
    ['one byte too long, the last, without its newline', [`1\n"${'x'.repeat(99)}"`], [413, 'line 2']],
    ['too long, byte by byte', Array.from(`1\n"${'x'.repeat(300)}"`), [413, 'line 2']],
  ])('is refused by the number of a line that is %s', async (_, chunks, refusal) => {
    expect(await read(chunks)).toEqual(refusal);
  });

  it('may have lines as long as the limit, and is refused beyond the limit of the whole', async () => {
    const line = `"${'x'.repeat(98)}"\n`;
    expect(await read([line, line], { bodyBytes: 202 })).toHaveLength(2);
    expect(await read([line, line, '1'], { bodyBytes: 202 })).toEqual([413, undefined]);
  });

  it('keeps nothing of a line without an end but what may be its beginning', async () => {
    let sent = 0;
    const endless = new Readable({
      read() {
        sent += 1_000;
        this.push(Buffer.alloc(1_000, 'x'));
      },
      highWaterMark: 1_000,
    });
    await expect(drain(endless)).rejects.toMatchObject({ httpStatus: 413 });
    expect(sent).toBeLessThan(10_000);
  });

  it('is read no further than somebody asks', async () => {
    let sent = 0;
    const plenty = new Readable({
      read() {
        sent += 1;
        this.push(Buffer.from('1\n'.repeat(1_000)));
      },
      highWaterMark: 2_000,
    });
    const lines = new NdjsonBody(plenty, limits)[Symbol.asyncIterator]();
    for (let n = 0; n < 5; n += 1) await lines.next();
    await new Promise(setImmediate);
    expect(sent).toBeLessThanOrEqual(8);
  });

  it('is 408 when no whole line comes in time, though bytes do', async () => {
    const dripping = new Readable({ read: () => undefined });
    dripping.push('1\n');
    const timer = setInterval(() => dripping.push(' '), 20);
    await expect(drain(dripping, { silenceMs: 200 })).rejects.toMatchObject({ httpStatus: 408 });
    clearInterval(timer);
    expect(dripping.listenerCount('readable')).toBe(0);
  });

  it('that breaks off is never taken for whole', async () => {
    const broken = new Readable({ read: () => undefined });
    broken.push('1\n2');
    setImmediate(() => broken.destroy());
    await expect(drain(broken)).rejects.toMatchObject({ httpStatus: 400 });
  });
});

async function drain(body: Readable, changes: Partial<typeof limits> = {}): Promise<void> {
  for await (const piece of new NdjsonBody(body, { ...limits, ...changes }))
    expect(piece.values).not.toEqual([]);
}
