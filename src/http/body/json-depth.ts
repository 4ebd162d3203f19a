const QUOTE = 0x22;
const BACKSLASH = 0x5c;
// `[` and `{` (and their counterparts) differ in one bit, which is set here.
const OPEN = 0x7b;
const CLOSE = 0x7d;
const BRACKET_BIT = 0x20;

/** What is nested deeper is refused: parsers and validators recurse, and ten kilobytes are enough to overflow a stack. */
export const DEPTH_LIMIT = 8;

/**
 * Whether JSON text nests lists and objects deeper than `DEPTH_LIMIT`. Reads bytes, not values, so that nothing is built of a
 * hostile body. For text that is no JSON the answer means nothing, but it is given all the same.
 */
export function nestsTooDeep(text: Uint8Array): boolean {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const byte = text[i] ?? 0;
    if (quoted) {
      if (byte === BACKSLASH) i += 1;
      else if (byte === QUOTE) quoted = false;
    } else if (byte === QUOTE) quoted = true;
    else if ((byte | BRACKET_BIT) === OPEN) {
      depth += 1;
      if (depth > DEPTH_LIMIT) return true;
    } else if ((byte | BRACKET_BIT) === CLOSE) depth -= 1;
  }
  return false;
}
