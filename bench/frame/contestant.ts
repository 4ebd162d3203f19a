import { type Slice } from '../platform/arena.js';
import { type ProcessReading } from '../servers/child-process.js';

/** What a contestant says of one run. */
export interface Ran {
  readonly seconds: number;
  /** Rows of personal data that are gone; where it did not finish, those that went until it was stopped. */
  readonly rows: number;
  /** false: it was stopped because it took too long. */
  readonly finished: boolean;
  /** Of the process that did the work, where it is one of its own. */
  readonly process?: ProcessReading;
}

/** Someone who can erase a slice. Everything that is there before people are named (connections, processes) is open already. */
export interface Contestant {
  readonly name: string;
  /** Slices that it erases in one run: the fast ones take more, so that a run of theirs is long enough to be measured. */
  readonly slices: number;
  run(slice: Slice): Promise<Ran>;
  close(): Promise<void>;
}
