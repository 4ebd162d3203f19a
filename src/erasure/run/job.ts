import { type KeySet } from '../seal/key-set.js';
import { type BatchClaim } from './claim.js';
import { type RequestScope } from './scope-of.js';

/** One person of a batch, opened. */
export interface Person {
  readonly id: string;
  readonly keys: KeySet;
}

/** A claimed batch at work. */
export interface Job {
  readonly claim: BatchClaim;
  readonly scope: RequestScope;
  readonly pace: Pace;
  /** Asked before each transaction. */
  readonly stopping: () => boolean;
}

const LEAST_ROWS = 50;

/** Rows that one transaction removes at most. */
export class Pace {
  constructor(private rows: number) {}

  get maxRows(): number {
    return this.rows;
  }

  /** After a statement that took too long. */
  slowDown(): void {
    this.rows = Math.max(LEAST_ROWS, Math.floor(this.rows / 4));
  }
}
