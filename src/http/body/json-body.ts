import { isUtf8 } from 'node:buffer';
import { type FastifyInstance } from 'fastify';
import { scan } from 'secure-json-parse';
import { ApiError } from '../../common/errors/api-error.js';
import { finishInTurns } from '../../common/in-turns.js';
import { jsonMistake } from './json-mistake.js';
import { DEPTH_LIMIT, JsonShape, KEYS_LIMIT, type TooMuch, VALUES_LIMIT } from './json-shape.js';

/** Bytes that are decoded at once. */
const SLICE = 256 * 1024;
/** UTF-16 code units of text in which a mistake is looked for: longer ones would keep others waiting meanwhile. */
const SEARCHED = 512 * 1024;

const limits: Readonly<Record<TooMuch, number>> = {
  levels: DEPTH_LIMIT,
  values: VALUES_LIMIT,
  keys: KEYS_LIMIT,
};

/** Makes JSON the only body there is: Fastify's and Nest's own parsers take text and forms too. */
export function acceptJsonOnly(
  instance: Pick<FastifyInstance, 'removeAllContentTypeParsers' | 'addContentTypeParser'>,
) {
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    (_request: unknown, bytes: Buffer) => finishInTurns(parsing(bytes)),
  );
}

/**
 * The value of a JSON body; undefined when it is empty.
 * @param onlyLine the number of the one line that these bytes are of a longer body
 * @throws ApiError 400 that names line, column and kind of the first mistake (of a very long body that there is one) and repeats
 * none of the body
 */
export function parseJsonBody(bytes: Buffer, onlyLine?: number): unknown {
  const steps = parsing(bytes, onlyLine);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Yields where others may have their turn. Two steps can't be divided: `JSON.parse`, and the look at the keys it found. */
function* parsing(bytes: Buffer, onlyLine?: number): Generator<undefined, unknown> {
  if (bytes.length === 0) return undefined;
  const whole = onlyLine === undefined ? 'body' : `line ${onlyLine}`;
  // Decoding would silently put U+FFFD for what is no UTF-8, and so change an id.
  if (!isUtf8(bytes)) throw invalidJson(whole, 'bytes that are not UTF-8', 'UTF-8');
  const shape = new JsonShape();
  let text = '';
  for (const slice of slicesOf(bytes)) {
    const tooMuch = shape.read(slice);
    if (tooMuch !== null) {
      const limit = limits[tooMuch];
      throw invalidJson(whole, `more than ${limit} ${tooMuch}`, `at most ${limit} ${tooMuch}`);
    }
    text += slice.toString('utf8');
    yield;
  }
  text = text.replace(/^\uFEFF/, '');
  yield;
  try {
    const value: unknown = JSON.parse(text);
    yield;
    if (typeof value === 'object' && value !== null) scan(value);
    return value;
  } catch {
    if (text.length > SEARCHED) throw invalidJson(whole, 'a mistake somewhere in it', 'JSON (RFC 8259)');
    const { line, column, problem, expected } = jsonMistake(text);
    throw invalidJson(`line ${onlyLine ?? line}, column ${column}`, problem, expected);
  }
}

/** Slices of UTF-8, none of which ends within a character. */
function* slicesOf(bytes: Buffer): Generator<Buffer> {
  for (let from = 0; from < bytes.length;) {
    let end = Math.min(from + SLICE, bytes.length);
    while (isContinuation(bytes[end])) end -= 1;
    yield bytes.subarray(from, end);
    from = end;
  }
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** The place and the kind stand in `msg` too: existing clients show nothing else. All of it are words of ours and numbers. */
export function invalidJson(field: string, problem: string, expected: string): ApiError {
  const place = field === 'body' ? '' : ` at ${field}`;
  return new ApiError(
    400,
    'INVALID_JSON',
    `The body is not valid JSON: ${problem}${place}; expected ${expected}`,
    {
      details: [{ field, problem, expected }],
    },
  );
}
