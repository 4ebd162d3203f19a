/** How finely time is looked at: a use counts for an hour and up to this much longer. */
export const SLICE_MS = 60_000;
/** An hour, and the slice that has only begun. */
export const SLICES = 61;

/**
 * Counts amounts by key (entries of bulk calls) against a limit in any hour. By slices of a minute, so that what is
 * remembered does not grow with what is counted. One contract suite holds all kinds of it to the same behaviour.
 */
export abstract class AmountLimiter {
  /**
   * Counts `amount` if there is room for all of it; what is refused is not counted.
   * @param amount 0: asks whether there is room for anything
   * @returns 0 when it was counted, else the milliseconds until there is room; an hour where there never will be
   */
  abstract charge(key: string, amount: number): Promise<number>;
}
