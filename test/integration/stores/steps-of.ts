import { type CollectionPlan } from '../../../src/stores/postgres/plan/collection-plan.js';
import { type Step, stepFor, stepKindsOf } from '../../../src/stores/postgres/steps.js';
import { type PersonKeys, type Phase, type Scope } from '../../../src/stores/store.js';

/** The steps of a phase for these persons, in their order. */
export function stepsOf(
  collections: readonly CollectionPlan[],
  phase: Phase,
  persons: readonly PersonKeys[],
  scope: Scope,
): readonly Step[] {
  return stepKindsOf(collections, phase).flatMap((kind) => stepFor(kind, persons, scope) ?? []);
}
