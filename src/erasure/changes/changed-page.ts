import { type SubjectStatus } from '../erasure-status.js';

/** Entries that one step changes: those of a status, at positions behind `after` and up to `last`. */
export interface ChangedPage {
  readonly requestId: string;
  /** Of the round that begins, or that is cancelled. */
  readonly round: number;
  readonly status: SubjectStatus;
  readonly after: number;
  readonly last: number;
  /** Whom they mean, as far as that is known. */
  readonly persons: readonly string[];
}

/** A change was decided: this many entries follow. */
export interface Decided {
  readonly entries: number;
}
