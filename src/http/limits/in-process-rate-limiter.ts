import { RateLimiter, type RateWindow } from './rate-limiter.js';

/** Uses remembered over all keys: about 16 MB at worst, whoever asks under however many names. */
const USES_REMEMBERED = 500_000;

/** Counts in this process alone. When its memory is full it forgets the keys that were used longest ago. */
export class InProcessRateLimiter extends RateLimiter {
  /** Times of the uses that count, by key, oldest first; keys in the order of their last use. */
  private readonly usesOf = new Map<string, number[]>();
  private remembered = 0;
  private readonly longest: number;

  constructor(
    private readonly windows: readonly RateWindow[],
    private readonly now: () => number = () => performance.now(),
    private readonly capacity = USES_REMEMBERED,
  ) {
    super();
    this.longest = Math.max(0, ...windows.map((window) => window.milliseconds));
  }

  override charge(key: string): Promise<number> {
    if (this.windows.length === 0) return Promise.resolve(0);
    const now = this.now();
    const uses = this.current(key, now);
    const wait = Math.max(...this.windows.map((window) => waitFor(window, uses, now)));
    if (wait === 0) {
      uses.push(now);
      this.remembered += 1;
    }
    this.usesOf.delete(key);
    this.usesOf.set(key, uses);
    this.forget();
    return Promise.resolve(wait);
  }

  private current(key: string, now: number): number[] {
    const uses = this.usesOf.get(key) ?? [];
    const firstThatCounts = uses.findIndex((time) => time > now - this.longest);
    const gone = uses.splice(0, firstThatCounts === -1 ? uses.length : firstThatCounts);
    this.remembered -= gone.length;
    return uses;
  }

  private forget(): void {
    for (const [key, uses] of this.usesOf) {
      if (this.remembered <= this.capacity) return;
      this.usesOf.delete(key);
      this.remembered -= uses.length;
    }
  }
}

/** Room comes when the use that is `limit` places from the end leaves the window. */
function waitFor({ limit, milliseconds }: RateWindow, uses: readonly number[], now: number): number {
  const blocking = uses.at(-limit);
  return uses.length < limit || blocking === undefined ? 0 : Math.max(0, blocking + milliseconds - now);
}
