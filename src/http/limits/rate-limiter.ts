/** At most `limit` uses in any `milliseconds` that end now: a rolling window, not a fixed one that lets twice as many through at its edge. */
export interface RateWindow {
  readonly limit: number;
  readonly milliseconds: number;
}

/** Counts uses by key against rolling windows. One contract suite holds all kinds of it to the same behaviour. */
export abstract class RateLimiter {
  /**
   * Counts one use of `key` if every window has room for it. A use that is refused is not counted, so that a caller who
   * keeps asking is served again as soon as there is room.
   * @returns 0 when it was counted, else the milliseconds until there is room
   */
  abstract charge(key: string): Promise<number>;
}

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

/** The windows of two settings, where 0 switches one off. */
export function windowsOf(perMinute: number, perHour: number): readonly RateWindow[] {
  return [
    { limit: perMinute, milliseconds: MINUTE_MS },
    { limit: perHour, milliseconds: HOUR_MS },
  ].filter((window) => window.limit > 0);
}
