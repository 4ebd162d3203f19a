const QUOTE = 0x22;
const BACKSLASH = 0x5c;
// `[` and `{` (and their counterparts) differ in one bit, which is set here.
const OPEN = 0x7b;
const CLOSE = 0x7d;
const BRACKET_BIT = 0x20;
const COMMA = 0x2c;
const COLON = 0x3a;

/** What is nested deeper is refused: parsers and validators recurse, and ten kilobytes are enough to overflow a stack. */
export const DEPTH_LIMIT = 8;

/**
 * Commas and colons, about as many as there are values and keys, of which more are refused: some 100 ms of this process would
 * go by until eight megabytes of short ones are parsed. No call that is accepted has a quarter of it.
 */
export const PARTS_LIMIT = 150_000;

/**
 * What is too much of JSON text: lists and objects within each other, or values and keys; null when nothing is. Reads bytes,
 * not values, so that nothing is built of a hostile body. For text that is no JSON the answer means nothing, but it is given
 * all the same.
 */
export function tooMuchOf(text: Uint8Array): 'levels' | 'parts' | null {
  let depth = 0;
  let parts = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const byte = text[i] ?? 0;
    if (quoted) {
      if (byte === BACKSLASH) i += 1;
      else if (byte === QUOTE) quoted = false;
    } else if (byte === QUOTE) quoted = true;
    else if ((byte | BRACKET_BIT) === OPEN) {
      depth += 1;
      if (depth > DEPTH_LIMIT) return 'levels';
    } else if ((byte | BRACKET_BIT) === CLOSE) depth -= 1;
    else if (byte === COMMA || byte === COLON) {
      parts += 1;
      if (parts > PARTS_LIMIT) return 'parts';
    }
  }
  return null;
}
