import { column, keyExpressions } from './fragments.js';
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
  const { collection, tie, belonging } = picking;
  const names = [...tie.columns.map((_, index) => `k${index}`), ...(collection.bot ? ['bot'] : [])];
  const values = [
    ...keyExpressions('t', tie),
    ...(collection.bot ? [column('t', collection.bot.name)] : []),
  ].map((value, index) => `${value} AS ${names[index] ?? ''}`);
  const text = `WITH ${picked(picking, parameters)}, erased AS (
  DELETE FROM ${collection.table} AS t USING picked
  WHERE ${isPicked('t', picking)}
  RETURNING ${values.join(', ')}
), counted AS (
  SELECT ${names.join(', ')}, count(*) AS rows FROM erased GROUP BY ${names.join(', ')}
)
SELECT ${progress(picking)},
  (SELECT coalesce(jsonb_agg(jsonb_build_object('person', person::text, 'rows', rows)), '[]') FROM (
    SELECT ${belonging.personOf('counted')} AS person, sum(rows) AS rows FROM counted GROUP BY 1
  ) AS per_person) AS erased`;
  return { text, parameters: parameters.values };
}
