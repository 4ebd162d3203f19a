import { type PersonKeys, type Phase, type Scope } from '../store.js';
import { type Reach, type StepKeys, stepKeys } from './keys/step-keys.js';
import { type CollectionPlan, type OverwritePlan, type TiePlan } from './plan/collection-plan.js';
import { type Needed } from './statements/pick.js';

/** One kind of erasing statement, whoever is erased by it. */
export interface StepKind {
  readonly id: string;
  readonly collection: CollectionPlan;
  readonly tie: TiePlan;
  readonly reach: Reach;
  readonly needed: Needed;
  /** null: the rows are deleted. */
  readonly overwrite: readonly OverwritePlan[] | null;
  /** Rows of the collection hang on each other: deleting some may free others, so the pass is run again. */
  readonly repeats: boolean;
}

/** A statement for these persons, run again and again until it has walked all rows that carry the keys. */
export interface Step extends StepKind {
  readonly keys: StepKeys;
}

interface Pass {
  readonly name: string;
  readonly needed: Needed;
  readonly overwrite: readonly OverwritePlan[] | null;
}

const reaches: readonly Reach[] = ['account', 'bots'];

/** All that a phase may take, in the order of deletion. */
export function stepKindsOf(collections: readonly CollectionPlan[], phase: Phase): readonly StepKind[] {
  return collections
    .filter(({ directory }) => directory === (phase === 'directory'))
    .flatMap((collection) =>
      passesOf(collection).flatMap(({ name, needed, overwrite }) =>
        collection.ties.flatMap((tie, number) =>
          reaches.map((reach) => {
            const repeats = needed === 'not needed' && collection.hanging.some(({ ofItself }) => ofItself);
            const id = [collection.name, name, number, reach].join(' ');
            return { id, collection, tie, reach, needed, overwrite, repeats };
          }),
        ),
      ),
    );
}

/** The step that these persons need; null when they have no key for it. */
export function stepFor(kind: StepKind, persons: readonly PersonKeys[], scope: Scope): Step | null {
  const keys = stepKeys(kind.collection, kind.tie, kind.reach, persons, scope);
  return keys && { ...kind, keys };
}

/** First the rows that nothing needs go; what others' rows still need is overwritten after that. */
function passesOf({ overwrite, whenShared, hanging }: CollectionPlan): readonly Pass[] {
  if (overwrite) return [{ name: 'overwrite', needed: 'whether needed or not', overwrite }];
  if (hanging.length === 0) return [{ name: 'delete', needed: 'whether needed or not', overwrite: null }];
  const free: Pass = { name: 'delete', needed: 'not needed', overwrite: null };
  return whenShared ? [free, { name: 'overwrite shared', needed: 'needed', overwrite: whenShared }] : [free];
}
