import { quoteText } from './fragments.js';
import { type OverwriteValues } from './overwrite-values.js';
import { isPicked, type Picking, picked, progress } from './pick.js';
import { type Parameters, type Statement } from './statement.js';

/** Overwrites the picked rows, notes for each what it must hold from now on, and counts them per person. */
export function overwriteStatement(
  picking: Picking,
  values: OverwriteValues,
  batchId: string,
  parameters: Parameters,
): Statement {
  const { collection } = picking;
  const rowKey = collection.primaryKey
    .map(({ name }, index) => `${quoteText(name)}, picked.p${index}::text`)
    .join(', ');
  const text = `WITH ${picked(picking, parameters, [values.expected])}, erased AS (
  UPDATE ${collection.table} AS t SET ${values.assignments}
  FROM picked
  WHERE ${isPicked('t', picking)}
  RETURNING picked.person, jsonb_build_object(${rowKey}) AS row_key, picked.expected
), noted AS (
  INSERT INTO expunge.erasure_overwrites (batch_id, person_id, collection, row_key, expected)
  SELECT ${parameters.add(batchId, 'bigint')}, person, ${parameters.add(collection.label, 'text')}, row_key, expected
  FROM erased RETURNING person_id
)
SELECT ${progress(picking)},
  (SELECT coalesce(jsonb_agg(jsonb_build_object('person', person::text, 'rows', rows)), '[]') FROM (
    SELECT person_id AS person, count(*) AS rows FROM noted GROUP BY 1
  ) AS per_person) AS erased`;
  return { text, parameters: parameters.values };
}
