import { type CollectionPlan, type OverwritePlan } from '../plan/collection-plan.js';
import { column, lookedUp, quoteText } from './fragments.js';
import { Parameters, type Statement } from './statement.js';

/** How far reading back has come. */
export interface ReadBackPlace {
  /** Those whose notes are not through, in the order in which they are read. */
  readonly persons: readonly string[];
  /** Id of the note of the first of them that the last page ended with; '0' before any. */
  readonly after: string;
}

export interface ReadBack {
  /** Notes read; fewer than asked for: there are no more. */
  readonly read: number;
  /** Of the last note read: number of its person, from 1 on, and its id. */
  readonly nth: number | null;
  readonly last: string | null;
  /** Persons of whom a row holds something else than was meant. */
  readonly persons: readonly string[];
}

/**
 * Reads overwritten rows back by their primary keys and compares every column with what was noted: not with what
 * RETURNING said, for a trigger may have put the old values back. A row that was deleted since is fine.
 *
 * The notes are walked as rows are picked: person by person, each looked up by itself, from where the last page ended, with
 * the limit hidden from the planner, and in an order that no index has but the one that finds them. So no page reads notes of
 * anybody else, however many there are.
 */
export function readBackStatement(
  collection: CollectionPlan,
  overwrites: readonly OverwritePlan[],
  batchId: string,
  { persons, after }: ReadBackPlace,
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
  const limit = `LIMIT (SELECT ${parameters.add(maxRows, 'integer')})`;
  const text = `WITH page AS MATERIALIZED (
  SELECT k.nth, n.* FROM unnest(${parameters.add(persons, 'bigint[]')}) WITH ORDINALITY AS k (person, nth)
  CROSS JOIN LATERAL (
    SELECT n.id, n.person_id, n.row_key, n.expected FROM expunge.erasure_overwrites AS n
    WHERE ${lookedUp('n.batch_id', parameters.add(batchId, 'bigint'))}
      AND n.collection = ${parameters.add(collection.label, 'text')} AND n.person_id = k.person
      AND n.id > CASE k.nth WHEN 1 THEN ${parameters.add(after, 'bigint')} ELSE 0 END
    ORDER BY n.batch_id, n.collection, n.person_id, n.id ${limit}
  ) AS n ${limit}
)
SELECT (SELECT count(*) FROM page)::integer AS read,
  (SELECT nth::integer FROM page ORDER BY nth DESC LIMIT 1) AS nth,
  (SELECT id::text FROM page ORDER BY nth DESC, id DESC LIMIT 1) AS last,
  ARRAY(SELECT DISTINCT o.person_id::text FROM page AS o CROSS JOIN LATERAL (
    SELECT FROM ${collection.table} AS r WHERE ${id.join(' AND ')} AND (${differs.join(' OR ')}) LIMIT 1
  ) AS found) AS persons`;
  return { text, parameters: parameters.values };
}
