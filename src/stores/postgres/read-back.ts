import { type EntityManager } from 'typeorm';
import { preparedSql } from '../../database/prepared-sql.js';
import { type Cursor, type PersonKeys, type ReadBackStep, type RemainingRows } from '../store.js';
import { type CollectionPlan } from './plan/collection-plan.js';
import { type ReadBack, type ReadBackPlace, readBackStatement } from './statements/read-back-statement.js';

/** Notes of overwritten rows that one statement reads back, and with it a step. */
const rowsAtOnce = 10_000;

/** Where reading back goes on. */
interface ReadBackCursor extends Cursor {
  readonly collection: string;
  readonly at: ReadBackPlace;
}

/**
 * Whose overwritten rows hold something else than was meant: one collection after the other, until as many notes were read
 * as one statement may. Where little was overwritten, that is all of them.
 *
 * @throws DatabaseFault
 */
export async function readBack(
  manager: EntityManager,
  collections: readonly CollectionPlan[],
  batchId: string,
  persons: readonly PersonKeys[],
  from: Cursor | null,
): Promise<ReadBackStep> {
  const all: ReadBackPlace = { persons: persons.map(({ person }) => person), after: '0' };
  const given = from as ReadBackCursor | null;
  // A cursor of an older data map: from the beginning, reading again finds the same.
  const begin = Math.max(
    collections.findIndex(({ label }) => label === given?.collection),
    0,
  );
  const remaining: RemainingRows[] = [];
  for (const collection of collections.slice(begin)) {
    const overwrites = collection.overwrite ?? collection.whenShared;
    if (!overwrites) continue;
    const at = given?.collection === collection.label ? given.at : all;
    const { text, parameters } = readBackStatement(collection, overwrites, batchId, at, rowsAtOnce);
    const [page]: ReadBack[] = await preparedSql<ReadBack>(manager, text, parameters);
    if (!page) throw new Error('reading back answers with one row');
    remaining.push(...page.persons.map((person) => dataRemains(person, collection)));
    const next = nextPlace(at, page);
    if (next) return { remaining, next: { collection: collection.label, at: next } };
  }
  return { remaining, next: null };
}

/** null when all notes were read. */
function nextPlace({ persons }: ReadBackPlace, { read, nth, last }: ReadBack): ReadBackPlace | null {
  if (read < rowsAtOnce || nth === null || last === null) return null;
  return { persons: persons.slice(nth - 1), after: last };
}

function dataRemains(person: string, { label }: CollectionPlan): RemainingRows {
  return { person, collection: label, reason: 'DATA_REMAINS' };
}
