import fc from 'fast-check';

/**
 * A handful of numbers to choose by, one after the other. Whatever is built from them shrinks towards the first of each list,
 * without anything else having to change: numbers that run out count as 0.
 */
export class Picks {
  private used = 0;

  constructor(private readonly numbers: readonly number[]) {}

  number(below: number): number {
    const number = this.numbers[this.used] ?? 0;
    this.used += 1;
    return number % below;
  }

  of<T>(choices: readonly T[]): T {
    const chosen = choices[this.number(choices.length)];
    if (chosen === undefined) throw new Error('nothing to choose from');
    return chosen;
  }

  /** True in about so many of a hundred cases; false is the simple one. */
  chance(percent: number): boolean {
    return this.number(100) >= 100 - percent;
  }

  /** Some of them, in their order; at least `least`, the first ones if need be. */
  some<T>(choices: readonly T[], percent: number, least = 0): readonly T[] {
    const chosen = choices.filter(() => this.chance(percent));
    return chosen.length < least ? choices.slice(0, least) : chosen;
  }
}

export function numbers(length: number): fc.Arbitrary<readonly number[]> {
  return fc.array(fc.noBias(fc.nat({ max: 99 })), { minLength: length, maxLength: length });
}
