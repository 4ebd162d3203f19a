/**
 * Sealed entries as parameters of a statement: all of their bytes as one value, and where each begins and how long it is. A
 * list of byte strings would go as text of twice the size, which is written here and read there byte by byte.
 */
export type PackedEntries = readonly [bytes: Buffer, starts: string, lengths: string];

export function packed(sealed: readonly Buffer[]): PackedEntries {
  const starts: number[] = [];
  let start = 1;
  for (const { length } of sealed) {
    starts.push(start);
    start += length;
  }
  const lengths = sealed.map(({ length }) => length);
  return [Buffer.concat(sealed), `{${starts.join(',')}}`, `{${lengths.join(',')}}`];
}

/**
 * What to put after FROM: a row `e (sealed, index)` for each, the first with the index 0.
 * @param bytes, starts, lengths the parameters
 */
export function unpacked(bytes: string, starts: string, lengths: string): string {
  return `(SELECT substring(${bytes}::bytea FROM p.start FOR p.length) AS sealed, p.nth - 1 AS index
    FROM unnest(${starts}::int[], ${lengths}::int[]) WITH ORDINALITY AS p (start, length, nth)) AS e`;
}
