import { isUtf8 } from 'node:buffer';
import { type FastifyInstance } from 'fastify';
import { parse } from 'secure-json-parse';
import { ApiError } from '../../common/errors/api-error.js';
import { jsonMistake } from './json-mistake.js';
import { DEPTH_LIMIT, PARTS_LIMIT, tooMuchOf } from './json-shape.js';

const LONG = 256 * 1024;
/** UTF-16 code units of text in which a mistake is looked for: longer ones would keep others waiting meanwhile. */
const SEARCHED = 512 * 1024;

/** Makes JSON the only body there is: Fastify's and Nest's own parsers take text and forms too. */
export function acceptJsonOnly(
  instance: Pick<FastifyInstance, 'removeAllContentTypeParsers' | 'addContentTypeParser'>,
) {
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser<Buffer>(
    'application/json',
    { parseAs: 'buffer' },
    (_request, bytes, done) => {
      let value: unknown;
      try {
        value = parseJsonBody(bytes);
      } catch (error) {
        done(error as Error);
        return;
      }
      // What is to be done with a long one takes its time as well: others have their turn between the two.
      if (bytes.length > LONG) setImmediate(done, null, value);
      else done(null, value);
    },
  );
}

/**
 * The value of a JSON body; undefined when it is empty.
 * @param onlyLine the number of the one line that these bytes are of a longer body
 * @throws ApiError 400 that names line, column and kind of the first mistake (of a very long body that there is one) and repeats
 * none of the body
 */
export function parseJsonBody(bytes: Buffer, onlyLine?: number): unknown {
  if (bytes.length === 0) return undefined;
  const whole = onlyLine === undefined ? 'body' : `line ${onlyLine}`;
  // Decoding would silently put U+FFFD for what is no UTF-8, and so change an id.
  if (!isUtf8(bytes)) throw invalidJson(whole, 'bytes that are not UTF-8', 'UTF-8');
  const tooMuch = tooMuchOf(bytes);
  if (tooMuch === 'levels')
    throw invalidJson(whole, `more than ${DEPTH_LIMIT} levels`, `at most ${DEPTH_LIMIT} levels`);
  if (tooMuch === 'parts')
    throw invalidJson(whole, `more than ${PARTS_LIMIT} values and keys`, `at most ${PARTS_LIMIT}`);
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  try {
    return parse(text) as unknown;
  } catch {
    if (text.length > SEARCHED) throw invalidJson(whole, 'a mistake somewhere in it', 'JSON (RFC 8259)');
    const { line, column, problem, expected } = jsonMistake(text);
    throw invalidJson(`line ${onlyLine ?? line}, column ${column}`, problem, expected);
  }
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
