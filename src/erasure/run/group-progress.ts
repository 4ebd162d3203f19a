import { type Cursor, type PersonKeys, type RemainingRows } from '../../stores/store.js';
import { type Person } from './job.js';

/** What comes next for the persons of a group: their records, a look at what is left of them, their directory rows. */
export type Stage = 'records' | 'probe' | 'directory';

/**
 * How far a round has come with a group. Never changed: what a transaction did that was rolled back is forgotten with it.
 */
export interface GroupProgress {
  readonly stage: Stage;
  /** Whom the stage is about. None: the round is over. */
  readonly open: readonly Person[];
  /** Stores whose records are through. */
  readonly stores: number;
  /** Where the records of the next store go on; null: at their beginning. */
  readonly from: Cursor | null;
  /** How far reading back what was overwritten has come. */
  readonly readBack: ReadBackProgress;
  /** Whom the probe found nothing of, with the keys that it looked for. */
  readonly probed: readonly PersonKeys[];
  /** Who is to be erased once more, in another round. */
  readonly again: readonly Person[];
}

export interface ReadBackProgress {
  /** Stores that are through. */
  readonly stores: number;
  /** Where the next one goes on; null: at its beginning. */
  readonly from: Cursor | null;
  readonly remaining: readonly RemainingRows[];
}

export const nothingReadBack: ReadBackProgress = { stores: 0, from: null, remaining: [] };

/** A round that begins. */
export function roundOf(persons: readonly Person[]): GroupProgress {
  const [stores, from, readBack] = [0, null, nothingReadBack];
  return { stage: 'records', open: persons, stores, from, readBack, probed: [], again: [] };
}

/** Those of `persons` who are among `some`. */
export function among(
  persons: readonly Person[],
  some: readonly { readonly person: string }[],
): readonly Person[] {
  const ids = new Set(some.map(({ person }) => person));
  return persons.filter(({ id }) => ids.has(id));
}
