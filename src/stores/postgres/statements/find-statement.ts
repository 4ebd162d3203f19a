import { type Scope } from '../../store.js';
import { type Candidate } from '../keys/candidates.js';
import { fits } from '../keys/key-type.js';
import { type CollectionPlan, type TiePlan } from '../plan/collection-plan.js';
import { column, keyExpressions, keyValue, lookedUp, onlyWhen } from './fragments.js';
import { Parameters, type Statement } from './statement.js';

export interface Found {
  /** Index of the candidate. */
  readonly candidate: number;
  /** The channel of a bare channel user id, as text; null for everything else. */
  readonly channel: string | null;
}

/**
 * Which candidates have a row in the covered bots. For a bare channel user id two channels are told at most, found
 * one after the other in the index: two are enough for the entry to be ambiguous, and so a visitor with a million rows, or
 * with rows under a million channels, costs no more than one with ten.
 */
export function findStatement(
  collection: CollectionPlan,
  tie: TiePlan,
  searched: readonly Candidate[],
  scope: Scope,
): Statement {
  const parameters = new Parameters();
  const { bot } = collection;
  if (!bot) throw new Error('values are looked for in the rows of bots only');
  const keys = keyExpressions('r', tie);
  const [first = '', channel] = keys;
  const conditions = [
    lookedUp(first, keyValue('k.k0', tie)),
    `${column('r', bot.name)} = ANY (${parameters.add(
      scope.bots.filter((id) => fits(id, bot.type)),
      `${bot.type}[]`,
    )})`,
    ...onlyWhen('r', tie, parameters),
  ].join(' AND ');
  const relation = tie.columns.map(({ type }, index) =>
    parameters.add(
      searched.map(({ values }) => values[index]),
      `${type}[]`,
    ),
  );
  const numbers = parameters.add(
    searched.map((_, index) => index),
    'integer[]',
  );
  const from = `FROM unnest(${[...relation, numbers].join(', ')}) AS k (${tie.columns.map((_, index) => `k${index}`).join(', ')}, candidate)`;
  const rows = `FROM ${collection.table} AS r WHERE ${conditions}`;
  if (channel === undefined)
    return {
      text: `SELECT k.candidate, NULL AS channel ${from}
CROSS JOIN LATERAL (SELECT ${rows} ORDER BY ${first} LIMIT 1) AS found`,
      parameters: parameters.values,
    };
  return {
    text: `SELECT k.candidate, NULL AS channel ${from}
CROSS JOIN LATERAL (SELECT ${rows} AND ${channel} = k.k1 ORDER BY ${first} LIMIT 1) AS found
WHERE k.k1 IS NOT NULL
UNION ALL
SELECT k.candidate, found.channel::text ${from}
CROSS JOIN LATERAL (
  WITH one AS MATERIALIZED (
    SELECT ${channel} AS channel ${rows} AND ${channel} IS NOT NULL ORDER BY ${first}, ${channel} LIMIT 1
  )
  SELECT channel FROM one
  UNION ALL
  SELECT another.channel FROM one
  CROSS JOIN LATERAL (SELECT ${channel} AS channel ${rows} AND ${channel} > one.channel ORDER BY ${first}, ${channel} LIMIT 1) AS another
) AS found
WHERE k.k1 IS NULL`,
    parameters: parameters.values,
  };
}
