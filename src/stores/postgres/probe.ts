import { type EntityManager } from 'typeorm';
import { preparedSql } from '../../database/prepared-sql.js';
import { type PersonKeys, type Phase, type RemainingRows, type Scope } from '../store.js';
import { looksFor } from './keys/looks.js';
import { type CollectionPlan } from './plan/collection-plan.js';
import { type Needed } from './statements/pick.js';
import { type ProbeHit, probeStatement, type Question } from './statements/probe-statement.js';

/** Questions that one statement asks: a round trip for each would take longer than the answers. */
const questionsAtOnce = 16;

interface ReasonedQuestion extends Question {
  readonly reason: RemainingRows['reason'];
}

/** Whose rows are left, and why. @throws DatabaseFault */
export async function probeTies(
  manager: EntityManager,
  phase: Phase,
  collections: readonly CollectionPlan[],
  persons: readonly PersonKeys[],
  scope: Scope,
): Promise<readonly RemainingRows[]> {
  const questions = collections.flatMap((collection) => questionsOf(phase, collection, persons, scope));
  const remaining: RemainingRows[] = [];
  for (let first = 0; first < questions.length; first += questionsAtOnce) {
    const asked = questions.slice(first, first + questionsAtOnce);
    const { text, parameters } = probeStatement(asked, scope);
    for (const { question, person, shared } of await preparedSql<ProbeHit>(manager, text, parameters)) {
      const { collection, reason } = asked[question] as ReasonedQuestion;
      remaining.push({ person, collection: collection.label, reason: shared ? 'SHARED_IDENTITY' : reason });
    }
  }
  return remaining;
}

function questionsOf(
  phase: Phase,
  collection: CollectionPlan,
  persons: readonly PersonKeys[],
  scope: Scope,
): readonly ReasonedQuestion[] {
  return collection.ties.flatMap((tie) => {
    // Directory rows of a shared identity are the person's own; that it is shared was told by the records.
    const looks = looksFor(collection, tie, persons, scope).filter(
      ({ shared }) => phase === 'records' || !shared,
    );
    if (looks.length === 0) return [];
    return reasonsOf(collection).map(([needed, reason]) => ({ collection, tie, looks, needed, reason }));
  });
}

/** Rows that nothing needs should be gone; rows that others' rows need can't go without `whenShared`. */
function reasonsOf(collection: CollectionPlan): readonly (readonly [Needed, RemainingRows['reason']])[] {
  if (collection.hanging.length === 0 || collection.overwrite || collection.whenShared)
    return [['whether needed or not', 'DATA_REMAINS']];
  return [
    ['not needed', 'DATA_REMAINS'],
    ['needed', 'SHARED_WITH_OTHERS'],
  ];
}
