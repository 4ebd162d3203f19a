/**
 * The parts one after the other, each behind its length (4 bytes, big endian), so that no two lists of parts give the same
 * bytes: `["ab", "c"]` and `["a", "bc"]` differ. For MACs and authenticated data.
 */
export function framed(parts: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const bytes = typeof part === 'string' ? Buffer.from(part, 'utf8') : part;
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}
