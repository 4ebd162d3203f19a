import { type EntityManager } from 'typeorm';
import { DatabaseFault } from '../../database/database-fault.js';
import { type StoreMap } from '../data-map/data-map.js';
import { type ReclaimSight } from '../reclaim-sight.js';
import {
  type Cursor,
  type EraseStep,
  type Finding,
  type NotCovered,
  type PersonKeys,
  type Phase,
  type ReadBackStep,
  type RemainingRows,
  type Scope,
  Store,
  type ValueHit,
  type ValueQuery,
} from '../store.js';
import { checkStore } from './checks/check-store.js';
import { type Position, runStep } from './erase-step.js';
import { findByValue } from './find-by-value.js';
import { notCoveredBy } from './not-covered.js';
import { type CollectionPlan } from './plan/collection-plan.js';
import { probeTies } from './probe.js';
import { readBack } from './read-back.js';
import { readReclaimSight } from './reclaim/read-reclaim-sight.js';
import { settleReasons } from './remaining.js';
import { type StepKind, stepFor, stepKindsOf } from './steps.js';

/** Where an erasing step goes on. */
interface StepCursor extends Cursor {
  readonly step: string;
  /** null: from its beginning. */
  readonly at: Position | null;
  /** Rows were erased in this pass over a collection whose rows hang on each other. */
  readonly freed: boolean;
}

/** The tables of one schema of the service's own PostgreSQL database. */
export class PostgresStore extends Store {
  /** In the order of deletion; null while the map does not fit the database. */
  private collections: readonly CollectionPlan[] | null = null;
  private checked = false;

  constructor(private readonly map: StoreMap) {
    super();
  }

  get name(): string {
    return this.map.name;
  }

  async check(manager: EntityManager): Promise<readonly Finding[]> {
    const { findings, collections } = await checkStore(manager, this.map);
    this.collections = findings.some(({ kind }) => kind === 'mistake') ? null : collections;
    this.checked = true;
    return findings;
  }

  async erase(
    manager: EntityManager,
    phase: Phase,
    batchId: string,
    persons: readonly PersonKeys[],
    scope: Scope,
    from: Cursor | null,
    maxRows: number,
  ): Promise<EraseStep> {
    const concerned = someone(persons, phase);
    if (!Number.isInteger(maxRows) || maxRows < 1) throw new Error('a step erases at least one row');
    const kinds = stepKindsOf(await this.plans(manager), phase);
    // A cursor of an older data map: from the beginning, what is gone is not found again.
    const given = from as StepCursor | null;
    const first = given && kinds.some(({ id }) => id === given.step) ? given : firstOf(kinds);
    for (let at = first; at; at = following(kinds, at)) {
      const { step: name } = at;
      const kind = kinds.find(({ id }) => id === name);
      const step = kind && stepFor(kind, concerned, scope);
      if (!step) continue;
      const { erased, next } = await runStep(manager, { step, scope, batchId, from: at.at, maxRows });
      const here = { ...at, freed: at.freed || erased.length > 0 };
      return { erased, next: next ? { ...here, at: next } : following(kinds, here) };
    }
    return { erased: [], next: null };
  }

  async readBack(
    manager: EntityManager,
    phase: Phase,
    batchId: string,
    persons: readonly PersonKeys[],
    from: Cursor | null,
  ): Promise<ReadBackStep> {
    const known = someone(persons, phase);
    const collections = await this.collectionsOf(manager, phase);
    if (known.length === 0) return { remaining: [], next: null };
    return readBack(manager, collections, batchId, known, from);
  }

  async probe(
    manager: EntityManager,
    phase: Phase,
    persons: readonly PersonKeys[],
    scope: Scope,
    overwritten: readonly RemainingRows[],
  ): Promise<readonly RemainingRows[]> {
    const known = someone(persons, phase);
    const collections = await this.collectionsOf(manager, phase);
    if (known.length === 0) return [];
    const ids = new Set(known.map(({ person }) => person));
    const here = overwritten.filter(
      ({ person, collection }) => ids.has(person) && collections.some(({ label }) => label === collection),
    );
    return settleReasons(collections, [
      ...(await probeTies(manager, phase, collections, known, scope)),
      ...here,
    ]);
  }

  async findByValue(
    manager: EntityManager,
    queries: readonly ValueQuery[],
    scope: Scope,
  ): Promise<readonly ValueHit[]> {
    return findByValue(manager, await this.plans(manager), queries, scope);
  }

  async reclaimSight(manager: EntityManager): Promise<ReclaimSight> {
    return readReclaimSight(manager, this.map);
  }

  notCovered(scope: Pick<Scope, 'allBots'>): readonly NotCovered[] {
    return notCoveredBy(this.map, scope);
  }

  private async collectionsOf(manager: EntityManager, phase: Phase): Promise<readonly CollectionPlan[]> {
    return (await this.plans(manager)).filter(({ directory }) => directory === (phase === 'directory'));
  }

  /** @throws DatabaseFault 55000 where the map does not fit the database */
  private async plans(manager: EntityManager): Promise<readonly CollectionPlan[]> {
    if (!this.checked) await this.check(manager);
    if (!this.collections) throw new DatabaseFault('55000');
    return this.collections;
  }
}

/** Those whom the phase concerns. Nobody at all is a mistake of the caller's, and must not mean everybody. */
function someone(persons: readonly PersonKeys[], phase: Phase): readonly PersonKeys[] {
  if (persons.length === 0) throw new Error('an erasure names at least one person');
  return phase === 'directory' ? persons.filter(({ inDirectory }) => inDirectory) : persons;
}

function firstOf([first]: readonly StepKind[]): StepCursor | null {
  return first ? { step: first.id, at: null, freed: false } : null;
}

/** The step after this one; the first one of the pass again where erasing rows may have freed others. */
function following(kinds: readonly StepKind[], { step, freed }: StepCursor): StepCursor | null {
  const index = kinds.findIndex(({ id }) => id === step);
  const kind = kinds[index];
  const next = kinds[index + 1];
  const samePass = next?.collection === kind?.collection && next?.needed === kind?.needed;
  if (kind?.repeats && !samePass && freed)
    return firstOf(kinds.filter(({ collection, repeats }) => collection === kind.collection && repeats));
  return next ? { step: next.id, at: null, freed: samePass && freed } : null;
}
