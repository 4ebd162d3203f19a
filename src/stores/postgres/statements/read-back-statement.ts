import { type CollectionPlan, type OverwritePlan } from '../plan/collection-plan.js';
import { column, lookedUp, quoteText } from './fragments.js';
import { Parameters, type Statement } from './statement.js';

export interface ReadBack {
  /** Notes read; fewer than asked for: there are no more. */
  readonly read: number;
  /** Id of the last note read. */
  readonly last: string | null;
  /** Persons of whom a row holds something else than was meant. */
  readonly persons: readonly string[];
}

/**
 * Reads overwritten rows back by their primary keys and compares every column with what was noted: not with what
 * RETURNING said, for a trigger may have put the old values back. A row that was deleted since is fine.
 *
 * @param after id of the note that the last page ended with
 */
export function readBackStatement(
  collection: CollectionPlan,
  overwrites: readonly OverwritePlan[],
  batchId: string,
  persons: readonly string[],
  after: string,
  maxRows: number,
): Statement {
  const parameters = new Parameters();
  const id = collection.primaryKey.map(({ name, type }) =>
    lookedUp(column('r', name), `(o.row_key ->> ${quoteText(name)})::${type}`),
  );
  const differs = overwrites.map(
    ({ column: { name, type } }) =>
      `${column('r', name)}::text IS DISTINCT FROM (o.expected ->> ${quoteText(name)})::${type}::text`,
  );
  const text = `WITH page AS MATERIALIZED (
  SELECT id, person_id, row_key, expected FROM expunge.erasure_overwrites
  WHERE batch_id = ${parameters.add(batchId, 'bigint')} AND id > ${parameters.add(after, 'bigint')}
    AND person_id = ANY (${parameters.add(persons, 'bigint[]')})
    AND collection = ${parameters.add(collection.label, 'text')}
  ORDER BY id LIMIT ${parameters.add(maxRows, 'integer')}
)
SELECT (SELECT count(*) FROM page)::integer AS read, (SELECT max(id) FROM page)::text AS last,
  ARRAY(SELECT DISTINCT o.person_id::text FROM page AS o CROSS JOIN LATERAL (
    SELECT FROM ${collection.table} AS r WHERE ${id.join(' AND ')} AND (${differs.join(' OR ')}) LIMIT 1
  ) AS found) AS persons`;
  return { text, parameters: parameters.values };
}
