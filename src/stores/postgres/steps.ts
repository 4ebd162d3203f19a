import { type PersonKeys, type Phase, type Scope } from '../store.js';
import { type Reach, type StepKeys, stepKeys } from './keys/step-keys.js';
import { type CollectionPlan, type OverwritePlan, type TiePlan } from './plan/collection-plan.js';
import { type Needed } from './statements/pick.js';

/** One kind of erasing statement, run again and again until it has walked all rows that carry the keys. */
export interface Step {
  readonly id: string;
  readonly collection: CollectionPlan;
  readonly tie: TiePlan;
  readonly keys: StepKeys;
  readonly needed: Needed;
  /** null: the rows are deleted. */
  readonly overwrite: readonly OverwritePlan[] | null;
  /** Rows of the collection hang on each other: deleting some may free others, so the pass is run again. */
  readonly repeats: boolean;
}

interface Pass {
  readonly name: string;
  readonly needed: Needed;
  readonly overwrite: readonly OverwritePlan[] | null;
}

const reaches: readonly Reach[] = ['account', 'bots'];

/** The steps of a phase for these persons, in the order of deletion; those without a key are left out. */
export function stepsOf(
  collections: readonly CollectionPlan[],
  phase: Phase,
  persons: readonly PersonKeys[],
  scope: Scope,
): readonly Step[] {
  const steps: Step[] = [];
  for (const collection of collections.filter(({ directory }) => directory === (phase === 'directory')))
    for (const pass of passesOf(collection))
      for (const [number, tie] of collection.ties.entries())
        for (const reach of reaches) {
          const keys = stepKeys(collection, tie, reach, persons, scope);
          if (!keys) continue;
          const repeats = pass.needed === 'not needed' && collection.hanging.some(({ ofItself }) => ofItself);
          const id = [collection.name, pass.name, number, reach].join(' ');
          steps.push({ id, collection, tie, keys, needed: pass.needed, overwrite: pass.overwrite, repeats });
        }
  return steps;
}

/** First the rows that nothing needs go; what others' rows still need is overwritten after that. */
function passesOf({ overwrite, whenShared, hanging }: CollectionPlan): readonly Pass[] {
  if (overwrite) return [{ name: 'overwrite', needed: 'whether needed or not', overwrite }];
  if (hanging.length === 0) return [{ name: 'delete', needed: 'whether needed or not', overwrite: null }];
  const free: Pass = { name: 'delete', needed: 'not needed', overwrite: null };
  return whenShared ? [free, { name: 'overwrite shared', needed: 'needed', overwrite: whenShared }] : [free];
}
