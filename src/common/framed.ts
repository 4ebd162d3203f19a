const LENGTH_BYTES = 4;

/**
 * The parts one after the other, each behind its length (4 bytes, big endian), so that no two lists of parts give the same
 * bytes: `["ab", "c"]` and `["a", "bc"]` differ. For MACs and authenticated data.
 */
export function framed(parts: readonly (string | Buffer)[]): Buffer {
  const size = parts.reduce((sum, part) => sum + LENGTH_BYTES + Buffer.byteLength(part), 0);
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const part of parts) {
    const from = at + LENGTH_BYTES;
    const length = typeof part === 'string' ? bytes.write(part, from) : part.copy(bytes, from);
    bytes.writeUInt32BE(length, at);
    at = from + length;
  }
  return bytes;
}
