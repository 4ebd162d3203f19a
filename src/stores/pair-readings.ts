/** Every way to read a string as `channelId/channelUserId`, neither of them empty: either side may hold a slash. */
export function pairReadings(value: string): readonly (readonly [string, string])[] {
  const found: (readonly [string, string])[] = [];
  for (let at = value.indexOf('/', 1); at > 0 && at < value.length - 1; at = value.indexOf('/', at + 1))
    found.push([value.slice(0, at), value.slice(at + 1)]);
  return found;
}

/** The reading with the shortest channel id: a guess, where nothing shows which one is true. */
export function firstReading(value: string): readonly [string, string] | null {
  return pairReadings(value)[0] ?? null;
}

/**
 * More readings than ids of channels and people have that are not made to have many. Each is a look into each collection, so
 * a string with hundreds of them would keep a whole page of others waiting, and being found by some readings alone would not
 * show that it means nothing else.
 */
export const MOST_READINGS = 16;

export function hasTooManyReadings(value: string): boolean {
  return pairReadings(value).length > MOST_READINGS;
}
