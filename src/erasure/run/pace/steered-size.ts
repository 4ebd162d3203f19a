/**
 * How long transactions should last: shorter ones cost more for their commits than they do, longer ones hold others up.
 * Steered from 160 ms on, so that beside a busy chat not more than one of a hundred lasts 250
 * (bench/where-the-time-goes.md).
 */
export const band = { shortestMs: 100, aimMs: 120, longestMs: 160 } as const;

/** A single odd one, one that waited for a lock or a disk, must not make the work crawl. */
const SMALLEST_STEP = 1 / 4;
const LARGEST_STEP = 2;

/** How much one transaction does, steered so that it lasts as long as it should. */
export class SteeredSize {
  private size: number;

  /** @param least below which only a statement that was ended makes it smaller */
  constructor(
    start: number,
    private readonly least: number,
    private readonly most: number,
  ) {
    this.size = Math.min(Math.max(start, least), most);
  }

  get value(): number {
    return this.size;
  }

  /**
   * Told of each transaction. One that was too long makes the next smaller; one that was short makes it larger, if it was
   * the size that ended it and not the lack of work.
   *
   * @param did how much it did
   */
  lasted(did: number, ms: number): void {
    const { shortestMs, aimMs, longestMs } = band;
    if (ms > longestMs)
      this.scale((Math.min(did, this.size) / this.size) * (aimMs / ms), Math.min(this.size, this.least));
    else if (ms < shortestMs && did >= this.size) this.scale(aimMs / Math.max(ms, 1), 1);
  }

  /** Something took so long that it was ended. */
  slowDown(): void {
    this.scale(SMALLEST_STEP, 1);
  }

  private scale(factor: number, least: number): void {
    const step = Math.min(Math.max(factor, SMALLEST_STEP), LARGEST_STEP);
    this.size = Math.min(Math.max(Math.floor(this.size * step), least), this.most);
  }
}
