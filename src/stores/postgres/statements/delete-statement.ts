import { isPicked, type Picking, picked, progress } from './pick.js';
import { type Parameters, type Statement } from './statement.js';

/** What every erasing statement answers with: one row. */
export interface StepResult {
  /** Rows looked at; fewer than asked for: there are no more. */
  readonly walked: number;
  /** The last of them: which of the keys, from 1, and its primary key. null when there was none. */
  readonly nth: number | null;
  readonly last: readonly string[] | null;
  readonly erased: readonly { readonly person: string | null; readonly rows: number }[];
}

/** Deletes the picked rows and counts them per person. */
export function deleteStatement(picking: Picking, parameters: Parameters): Statement {
  const text = `WITH ${picked(picking, parameters)}, erased AS (
  DELETE FROM ${picking.collection.table} AS t USING picked
  WHERE ${isPicked('t', picking)}
  RETURNING picked.person
)
SELECT ${progress(picking)},
  (SELECT coalesce(jsonb_agg(jsonb_build_object('person', person::text, 'rows', rows)), '[]') FROM (
    SELECT person, count(*) AS rows FROM erased GROUP BY 1
  ) AS per_person) AS erased`;
  return { text, parameters: parameters.values };
}
