import { type EntityManager } from 'typeorm';
import { workCounters } from '../../common/metrics/work-counters.js';
import { afterCommit } from '../../database/after-commit.js';
import { sql } from '../../database/sql.js';
import { isSettled, type SubjectReason, type SubjectStatus } from '../erasure-status.js';

/** So many entries came to the same end. */
interface Ended {
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

/**
 * Runs an UPDATE of entries that returns their `status` and `reason`, and counts those that it brought to their end.
 *
 * @param run `preparedSql` where any plan will do
 */
export async function updateEntries(
  manager: EntityManager,
  update: string,
  parameters: readonly unknown[],
  run: typeof sql = sql,
): Promise<void> {
  const told = await run<Ended>(
    manager,
    `WITH told AS (${update}) SELECT status, reason, count(*)::int AS entries FROM told GROUP BY status, reason`,
    parameters,
  );
  countEnded(
    manager,
    told.filter(({ status }) => isSettled(status)),
  );
}
