import { BoundedCache } from '../../common/bounded-cache.js';
import { AmountLimiter, SLICE_MS, SLICES } from './amount-limiter.js';
import { HOUR_MS } from './rate-limiter.js';

const KEYS_REMEMBERED = 5_000;

/** Counts in this process alone. */
export class InProcessAmountLimiter extends AmountLimiter {
  /** Amounts by slice, oldest first, by key. */
  private readonly amountsOf = new BoundedCache<string, Map<number, number>>(KEYS_REMEMBERED);

  /** @param perHour 0: no limit */
  constructor(
    private readonly perHour: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    super();
  }

  override charge(key: string, amount: number): Promise<number> {
    if (this.perHour === 0) return Promise.resolve(0);
    const now = this.now();
    const slice = Math.floor(now / SLICE_MS);
    const amounts = this.amountsOf.get(key) ?? new Map<number, number>();
    for (const old of amounts.keys()) if (old <= slice - SLICES) amounts.delete(old);
    const wait = this.waitFor(amounts, Math.max(amount, 1), now);
    if (wait === 0 && amount > 0) {
      amounts.set(slice, (amounts.get(slice) ?? 0) + amount);
      this.amountsOf.set(key, amounts);
    }
    return Promise.resolve(wait);
  }

  private waitFor(amounts: ReadonlyMap<number, number>, amount: number, now: number): number {
    let tooMuch = [...amounts.values()].reduce((sum, one) => sum + one, amount) - this.perHour;
    if (tooMuch <= 0) return 0;
    for (const [slice, one] of amounts) {
      tooMuch -= one;
      if (tooMuch <= 0) return (slice + SLICES) * SLICE_MS - now;
    }
    return HOUR_MS;
  }
}
