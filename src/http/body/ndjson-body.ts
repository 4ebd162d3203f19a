import { type Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type FastifyInstance } from 'fastify';
import { ApiError } from '../../common/errors/api-error.js';
import { type JsonLines, type JsonLinesPiece } from '../../common/json-lines.js';
import { apiErrorOfStatus } from '../answers/api-error-of.js';
import { invalidJson, parseJsonBody } from './json-body.js';
import { nextChunk } from './next-chunk.js';

export interface NdjsonLimits {
  readonly lineBytes: number;
  readonly bodyBytes: number;
  /** How long it may take until the next whole line is there. */
  readonly silenceMs: number;
}

export const LINE_LIMIT = 64 * 1024;
/** Lines parsed before the event loop gets its turn: a few milliseconds. */
const LINES_AT_ONCE = 1_000;
const NEWLINE = 0x0a;

/** Takes NDJSON besides JSON. Only routes that declare `lines` get past the door with it. */
export function acceptNdjson(
  instance: Pick<FastifyInstance, 'addContentTypeParser'>,
  silenceMs: number,
): void {
  instance.addContentTypeParser('application/x-ndjson', (request, payload, done) => {
    const bodyBytes = request.routeOptions.bodyLimit;
    done(null, new NdjsonBody(payload, { lineBytes: LINE_LIMIT, bodyBytes, silenceMs }));
  });
}

/**
 * Reads a body line by line, counting what Fastify does not count of a stream. Every line holds one JSON value; the last
 * one may lack its newline, and none may be blank: where an entry got lost is where a blank line would stand.
 */
export class NdjsonBody implements JsonLines {
  private line = 1;
  private bytes = 0;
  /** The beginning of a line whose end has not come yet. */
  private begun: Buffer[] = [];
  private begunBytes = 0;

  constructor(
    private readonly body: Readable,
    private readonly limits: NdjsonLimits,
  ) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<JsonLinesPiece, void, undefined> {
    for (;;) {
      const whole = await this.wholeLines();
      if (whole === null) break;
      yield* this.parse(whole);
    }
    if (this.begunBytes > 0) yield* this.parse(Buffer.concat(this.begun));
  }

  /** The lines that are whole by now, without the last newline; null at the end of the body. */
  private async wholeLines(): Promise<Buffer | null> {
    const deadline = performance.now() + this.limits.silenceMs;
    for (;;) {
      const chunk = await nextChunk(this.body, deadline - performance.now());
      if (chunk === null) return null;
      this.bytes += chunk.length;
      if (this.bytes > this.limits.bodyBytes) throw apiErrorOfStatus(413);
      const end = chunk.lastIndexOf(NEWLINE);
      this.begun.push(chunk.subarray(0, end === -1 ? chunk.length : end));
      this.begunBytes += chunk.length;
      if (end !== -1) {
        const whole = Buffer.concat(this.begun);
        this.begun = [chunk.subarray(end + 1)];
        this.begunBytes = chunk.length - end - 1;
        return whole;
      }
      // Before more of it is kept.
      if (this.begunBytes > this.limits.lineBytes + chunk.length) throw this.lineTooLong();
    }
  }

  private async *parse(lines: Buffer): AsyncGenerator<JsonLinesPiece, void, undefined> {
    let from = 0;
    while (from <= lines.length) {
      const firstLine = this.line;
      const values: unknown[] = [];
      const began = from;
      while (from <= lines.length && values.length < LINES_AT_ONCE) {
        const newline = lines.indexOf(NEWLINE, from);
        const end = newline === -1 ? lines.length : newline;
        values.push(this.parseLine(lines.subarray(from, end)));
        from = end + 1;
        this.line += 1;
      }
      yield { firstLine, values, bytes: from - began };
      if (from <= lines.length) await nextTurn();
    }
  }

  private parseLine(bytes: Buffer): unknown {
    if (bytes.length > this.limits.lineBytes) throw this.lineTooLong();
    const value = parseJsonBody(bytes, this.line);
    if (value === undefined)
      throw invalidJson(`line ${this.line}`, 'a blank line', 'one JSON value on each line');
    return value;
  }

  private lineTooLong(): ApiError {
    const { httpStatus, reason, message } = apiErrorOfStatus(413);
    const { lineBytes } = this.limits;
    return new ApiError(httpStatus, reason, message, {
      details: [
        {
          field: `line ${this.line}`,
          problem: `more than ${lineBytes} bytes`,
          expected: `at most ${lineBytes} bytes`,
        },
      ],
    });
  }
}
