import { type PersonKeys, type RemainingRows } from '../../stores/store.js';
import { subjectReasons } from '../erasure-status.js';
import { type Outcome } from './outcome.repository.js';

/** What a probe means for the persons it was about. */
export interface Verdict {
  /** Nothing of them is left. */
  readonly clean: readonly PersonKeys[];
  /** Erasing again may help. */
  readonly again: readonly PersonKeys[];
  readonly failed: readonly Outcome[];
}

/**
 * Reads a probe. Rows that only remain are erased again unless this was the last round; rows that can't be erased fail the
 * person at once. Of several reasons the first in the order of the wire contract is told.
 */
export function verdictOf(
  persons: readonly PersonKeys[],
  remaining: readonly RemainingRows[],
  lastRound: boolean,
): Verdict {
  const reasons = new Map<string, Set<RemainingRows['reason']>>();
  for (const row of remaining)
    reasons.set(row.person, (reasons.get(row.person) ?? new Set()).add(row.reason));
  const clean: PersonKeys[] = [];
  const again: PersonKeys[] = [];
  const failed: Outcome[] = [];
  for (const person of persons) {
    const found = reasons.get(person.person);
    if (!found) clean.push(person);
    else if (found.has('DATA_REMAINS') && !lastRound) again.push(person);
    else
      failed.push({
        person: person.person,
        status: 'FAILED',
        reason: subjectReasons.find((reason) => (found as ReadonlySet<string>).has(reason)) ?? 'DATA_REMAINS',
      });
  }
  return { clean, again, failed };
}
