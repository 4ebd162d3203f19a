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
 * Commas outside of strings, about as many as there are values: some 100 ms of this process would go by until eight megabytes
 * of short ones are parsed. No call that is accepted has a fifth of it.
 */
export const VALUES_LIMIT = 150_000;

/** Colons outside of strings. 75,000 keys that all differ take 130 ms to parse; 10,000 pairs of a channel and a user have 20,000. */
export const KEYS_LIMIT = 25_000;

export type TooMuch = 'levels' | 'values' | 'keys';

/**
 * Finds what JSON text has too much of: lists and objects within each other, values, or keys. Reads bytes, not values, so that
 * nothing is built of a hostile body. For text that is no JSON the answer means nothing, but it is given all the same.
 */
export class JsonShape {
  private depth = 0;
  private values = 0;
  private keys = 0;
  private quoted = false;
  private escaped = false;

  /** @param text what follows that which was read before @returns null when nothing is too much by now */
  read(text: Uint8Array): TooMuch | null {
    for (const byte of text) {
      if (this.escaped) this.escaped = false;
      else if (this.quoted) {
        if (byte === BACKSLASH) this.escaped = true;
        else if (byte === QUOTE) this.quoted = false;
      } else if (byte === QUOTE) this.quoted = true;
      else if ((byte | BRACKET_BIT) === OPEN) {
        this.depth += 1;
        if (this.depth > DEPTH_LIMIT) return 'levels';
      } else if ((byte | BRACKET_BIT) === CLOSE) this.depth -= 1;
      else if (byte === COMMA) {
        this.values += 1;
        if (this.values > VALUES_LIMIT) return 'values';
      } else if (byte === COLON) {
        this.keys += 1;
        if (this.keys > KEYS_LIMIT) return 'keys';
      }
    }
    return null;
  }
}
