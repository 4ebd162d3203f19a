import {
  type Holder,
  holders,
  type RelationSight,
  type ReclaimSight,
  type VacuumWait,
  vacuumWaits,
} from '../../stores/reclaim-sight.js';

/** Why the space of erased rows is not known to be free. Clients read it: never rename one. */
export const reclaimReasons = ['NOT_LOOKED_YET', 'NOT_VISIBLE', ...holders, ...vacuumWaits] as const;
export type ReclaimReason = (typeof reclaimReasons)[number];

/** What is known of the vacuums of one relation. Numbers are transaction ids. */
export interface RelationState {
  /** What was erased by transactions below this is free. */
  readonly cleanBelow: number;
  /** End of the vacuum that freed it, ISO 8601; null: nothing of ours had ever been there. */
  readonly cleanSince: string | null;
  /** A vacuum that ends after this look has begun after it. null: one was running already. */
  readonly look: { readonly horizon: number; readonly on: string; readonly vacuums: number } | null;
  readonly waitsFor: VacuumWait;
}

/** What is known of one collection, after a look. */
export interface CollectionState {
  readonly relations: Readonly<Record<string, RelationState>>;
  readonly next: number;
  readonly horizon: number | null;
  readonly heldBy: Holder;
}

/** What was erased from a collection by transactions below `below` has been free since then. */
export interface Credit {
  readonly below: number;
  readonly since: string;
}

/**
 * What another look adds. Of a relation that has joined the collection since the last one it is not known what was erased
 * from it before: a partition that was detached and is back still holds it. Only one that is empty holds nothing.
 */
export function afterLook(
  before: CollectionState | null,
  sight: Omit<ReclaimSight, 'collections'>,
  relations: readonly RelationSight[],
): CollectionState {
  const { next, horizon, heldBy } = sight;
  const states = relations.map((now) => [
    now.relation,
    relationAfterLook(before?.relations[now.relation] ?? joined(sight, now), sight, now),
  ]);
  return { relations: Object.fromEntries(states) as Record<string, RelationState>, next, horizon, heldBy };
}

function joined(
  { horizon }: Pick<ReclaimSight, 'horizon'>,
  { empty }: RelationSight,
): Omit<RelationState, 'waitsFor'> {
  return { cleanBelow: empty ? (horizon ?? 0) : 0, cleanSince: null, look: null };
}

function relationAfterLook(
  { cleanBelow, cleanSince, look }: Omit<RelationState, 'waitsFor'>,
  { horizon, on }: Pick<ReclaimSight, 'horizon' | 'on'>,
  { vacuums, lastVacuum, running, waitsFor }: RelationSight,
): RelationState {
  const ended =
    look !== null && lastVacuum !== null && vacuums > look.vacuums && lastVacuum > new Date(look.on);
  const freed =
    ended && look.horizon > cleanBelow
      ? { cleanBelow: look.horizon, cleanSince: lastVacuum.toISOString() }
      : { cleanBelow, cleanSince };
  // Counters that went back were reset: what has been since is not known.
  const lost = horizon === null || (look !== null && vacuums < look.vacuums);
  if (!running && horizon !== null)
    return { ...freed, look: { horizon, on: on.toISOString(), vacuums }, waitsFor };
  // The one that runs has begun after the look that is kept: else that look would not be there.
  return { ...freed, look: look === null || lost ? null : { ...look, vacuums }, waitsFor };
}

/** What is free in all relations of the collection; null where nothing is known to be. */
export function creditOf({ relations }: CollectionState): Credit | null {
  const states = Object.values(relations);
  const since = states
    .flatMap(({ cleanSince }) => (cleanSince === null ? [] : [cleanSince]))
    .toSorted()
    .at(-1);
  if (since === undefined) return null;
  return { below: Math.min(...states.map(({ cleanBelow }) => cleanBelow)), since };
}

/**
 * Why what a transaction erased is not known to be free. Of several relations the one that will take longest is told.
 *
 * @param erasedBy null: not all of it is erased yet
 */
export function reasonFor(state: CollectionState | null, erasedBy: number | null): ReclaimReason {
  if (state === null || erasedBy === null || erasedBy >= state.next) return 'NOT_LOOKED_YET';
  if (state.horizon === null) return 'NOT_VISIBLE';
  if (state.horizon <= erasedBy) return state.heldBy;
  const waits = new Set(
    Object.values(state.relations).flatMap(({ cleanBelow, waitsFor }) =>
      cleanBelow > erasedBy ? [] : [waitsFor],
    ),
  );
  return vacuumWaits.find((wait) => waits.has(wait)) ?? 'NOT_LOOKED_YET';
}
