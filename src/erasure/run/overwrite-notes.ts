import { type EntityManager } from 'typeorm';
import { sql } from '../../database/sql.js';

/** A note of a batch, in the order in which they are kept. */
export interface NotePlace {
  readonly collection: string;
  readonly person: string;
  readonly id: string;
}

export interface RemovedNotes {
  readonly removed: number;
  /** The last one removed; null: there was none. */
  readonly last: NotePlace | null;
}

/**
 * The first notes of batch `$1` behind the place `$2`, `$3`, `$4`. Whoever goes on from where it ended does not walk the dead
 * entries of what went before. The number is hidden from the planner, which would rather sort all that it believes there to
 * be, and the order is one that no other index has.
 *
 * @param limit an expression
 */
export function firstNotes(limit: string): string {
  return `SELECT collection, person_id, id FROM expunge.erasure_overwrites
    WHERE batch_id = $1 AND (collection, person_id, id) > ($2::text, $3::bigint, $4::bigint)
    ORDER BY collection, person_id, id LIMIT (SELECT ${limit})`;
}

/** The values of `firstNotes`. @param after null: from the first on */
export function placeOf(batchId: string, after: NotePlace | null): readonly string[] {
  return [batchId, after?.collection ?? '', after?.person ?? '0', after?.id ?? '0'];
}

/** Removes the first notes of a batch behind a place, at most `rows`. */
export async function removeNotes(
  manager: EntityManager,
  batchId: string,
  after: NotePlace | null,
  rows: number,
): Promise<RemovedNotes> {
  const [done] = await sql<RemovedNotes>(
    manager,
    `WITH picked AS MATERIALIZED (${firstNotes('$5::integer')}), gone AS (
       DELETE FROM expunge.erasure_overwrites WHERE id = ANY (ARRAY(SELECT id FROM picked)) RETURNING id
     )
     SELECT (SELECT count(*) FROM gone)::integer AS removed,
       (SELECT jsonb_build_object('collection', collection, 'person', person_id::text, 'id', id::text)
        FROM picked ORDER BY collection DESC, person_id DESC, id DESC LIMIT 1) AS last`,
    [...placeOf(batchId, after), rows],
  );
  return done ?? { removed: 0, last: null };
}
