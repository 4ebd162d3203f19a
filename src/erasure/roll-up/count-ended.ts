import { type EntityManager } from 'typeorm';
import { workCounters } from '../../common/metrics/work-counters.js';
import { afterCommit } from '../../database/after-commit.js';
import { type SubjectReason, type SubjectStatus } from '../erasure-status.js';

/** So many entries came to the same end. */
export interface Ended {
  readonly status: SubjectStatus;
  readonly reason: SubjectReason | null;
  readonly entries: number;
}

/** Counts entries that a transaction brought to their end, once it has committed. */
export function countEnded(manager: EntityManager, ended: readonly Ended[]): void {
  afterCommit(manager, () => {
    for (const { status, reason, entries } of ended)
      workCounters.entriesSettled.inc({ status, reason: reason ?? '' }, entries);
  });
}
