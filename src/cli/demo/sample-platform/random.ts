/**
 * Numbers that look random and are the same in every run (mulberry32). Nothing of the sample platform depends on the clock
 * or on `Math.random`, so that two loads with one seed are equal byte for byte.
 */
export class Random {
  private state: number;

  /** Every different path gives a stream of its own: whoever stands at index 7 doesn't depend on who stands at 6. */
  constructor(...path: readonly number[]) {
    this.state = path.reduce((state, step) => scramble(Math.imul(state ^ step, 0x9e3779b1)), 0x2545f491);
  }

  /** At least 0, less than 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    return scramble(this.state) / 2 ** 32;
  }

  /** A whole number; both ends are included. */
  int(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<const T extends readonly [unknown, ...unknown[]]>(list: T): T[number] {
    return list[Math.floor(this.next() * list.length)] ?? list[0];
  }

  /** Lower-case hexadecimal digits. */
  hex(length: number): string {
    return this.digitsOf(16, length);
  }

  /** Decimal digits; the first is not 0. */
  digits(length: number): string {
    return String(this.int(1, 9)) + this.digitsOf(10, length - 1);
  }

  uuid(): string {
    return `${this.hex(8)}-${this.hex(4)}-4${this.hex(3)}-a${this.hex(3)}-${this.hex(12)}`;
  }

  private digitsOf(base: number, length: number): string {
    let text = '';
    for (let i = 0; i < length; i++) text += Math.floor(this.next() * base).toString(base);
    return text;
  }
}

function scramble(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 15), value | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return (mixed ^ (mixed >>> 14)) >>> 0;
}
