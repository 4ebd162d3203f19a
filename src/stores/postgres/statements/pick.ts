import { type CollectionPlan, type TiePlan } from '../plan/collection-plan.js';
import { type Belonging } from './belonging.js';
import { column, isNeeded, keyExpressions, keyValue, lookedUp, primaryKey } from './fragments.js';
import { type Parameters } from './statement.js';

/** Which of the rows that belong a step takes: those that others' rows need, those that none does, or both alike. */
export type Needed = 'whether needed or not' | 'needed' | 'not needed';

export interface Picking {
  readonly collection: CollectionPlan;
  readonly tie: TiePlan;
  readonly belonging: Belonging;
  readonly needed: Needed;
  /** What to walk: distinct values of the tie's columns. */
  readonly keys: readonly (readonly string[])[];
  /** Primary key, as text, of the row of the one key that the last step ended with. */
  readonly after: readonly string[] | null;
  readonly maxRows: number;
}

/**
 * The CTEs `walked` and `picked`. `walked` takes at most `maxRows` rows, key by key and by primary key, from where the last
 * step ended: as an index (tie, primary key) has them, so that no step walks the dead entries of the former ones. Each key
 * is looked up by itself, and the limit is hidden from the planner in a sub-select: it would compare it with the rows that
 * it believes a key to have, and read and sort all rows of the one who owns a third of the table. Whether a row belongs is
 * asked of these rows only: a step stays small also where a million rows of the person lie in other bots. `picked` are
 * those that do belong.
 *
 * @param more further columns of the row `r`
 */
export function picked(picking: Picking, parameters: Parameters, more: readonly string[] = []): string {
  const { collection, tie, belonging } = picking;
  const [first = '', ...others] = keyExpressions('r', tie);
  const ids = primaryKey('r', collection);
  const conditions = [
    lookedUp(first, keyValue('k.k0', tie)),
    ...others.map((key, index) => `${key} = k.k${index + 1}`),
    ...afterwards(picking, ids, parameters),
  ];
  const columns = [
    ...ids.map((id, index) => `${id} AS p${index}`),
    ...(collection.bot ? [`${column('r', collection.bot.name)} AS bot`] : []),
    ...more,
    `(${[belonging.of('r'), ...needs(picking)].join(' AND ')}) AS belongs`,
  ];
  const keys = tie.columns.map(({ type }, index) =>
    parameters.add(
      picking.keys.map((values) => values[index]),
      `${type}[]`,
    ),
  );
  const limit = `LIMIT (SELECT ${parameters.add(picking.maxRows, 'integer')})`;
  return `walked AS MATERIALIZED (
  SELECT ${keys.map((_, index) => `${keyValue(`k.k${index}`, tie)} AS k${index}`).join(', ')}, k.nth, r.*
  FROM unnest(${keys.join(', ')}) WITH ORDINALITY AS k (${keys.map((_, index) => `k${index}`).join(', ')}, nth)
  CROSS JOIN LATERAL (
    SELECT ${columns.join(', ')}
    FROM ${collection.table} AS r WHERE ${conditions.join(' AND ')}
    ORDER BY ${[first, ...ids].join(', ')} ${limit}
  ) AS r ${limit}
), picked AS MATERIALIZED (
  SELECT * FROM walked WHERE belongs
)`;
}

/** Subselects that tell how many rows were walked, and the last of them: number of its key, and its primary key. */
export function progress({ collection }: Picking): string {
  const ids = collection.primaryKey.map((_, index) => `p${index}`);
  const last = `FROM walked ORDER BY ${['nth', ...ids].map((name) => `${name} DESC`).join(', ')} LIMIT 1`;
  return `(SELECT count(*) FROM walked)::integer AS walked, (SELECT nth::integer ${last}) AS nth,
  (SELECT ARRAY[${ids.map((name) => `${name}::text`).join(', ')}] ${last}) AS last`;
}

/**
 * The condition of what erases: the rows picked and no others, found by primary key, and each of them asked once more
 * whether it belongs, in whatever state it is by now. Asked of the pair (`picked.belongs` is true of all picked rows), the
 * planner can't take the predicate for a way to find rows, which it would read whole tables for.
 */
export function isPicked(alias: string, { collection, belonging }: Picking): string {
  const found = primaryKey(alias, collection).map((id, index) => lookedUp(id, `picked.p${index}`));
  return `${found.join(' AND ')} AND (picked.belongs AND ${belonging.of(alias)}) IS TRUE`;
}

function needs({ collection, needed }: Picking): readonly string[] {
  if (needed === 'whether needed or not') return [];
  return [needed === 'needed' ? isNeeded('r', collection) : `NOT ${isNeeded('r', collection)}`];
}

function afterwards(
  { collection, after }: Picking,
  ids: readonly string[],
  parameters: Parameters,
): readonly string[] {
  if (!after) return [];
  const values = collection.primaryKey.map(({ type }, index) => parameters.add(after[index], type));
  return [`(${ids.join(', ')}) > (${values.join(', ')})`];
}
