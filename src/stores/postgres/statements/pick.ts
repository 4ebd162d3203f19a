import { type CollectionPlan, type TiePlan } from '../plan/collection-plan.js';
import { type Belonging } from './belonging.js';
import { column, isNeeded, keyExpressions, primaryKey } from './fragments.js';
import { type Parameters } from './statement.js';

/** Which of the rows that belong a step takes: those that others' rows need, those that none does, or both alike. */
export type Needed = 'whether needed or not' | 'needed' | 'not needed';

export interface Pick {
  readonly collection: CollectionPlan;
  readonly tie: TiePlan;
  readonly belonging: Belonging;
  readonly needed: Needed;
  /** Key and primary key, as text, of the row that the last step ended with. */
  readonly after: readonly string[] | null;
  readonly maxRows: number;
}

/**
 * The CTE `picked`: at most `maxRows` rows that belong, by tie and then by primary key, from where the last step ended.
 * The order is that of an index (tie, primary key), so that no step walks the dead entries of the former ones and LIMIT
 * never makes a scan of the whole table look cheap.
 *
 * @param more further columns of the row `r`
 * @param lock a locking clause
 */
export function picked(pick: Pick, parameters: Parameters, more: readonly string[] = [], lock = ''): string {
  const { collection, tie, belonging, needed, after } = pick;
  const keys = keyExpressions('r', tie);
  const ids = primaryKey('r', collection);
  const conditions = [belonging.of('r')];
  if (needed === 'needed') conditions.push(isNeeded('r', collection));
  if (needed === 'not needed') conditions.push(`NOT ${isNeeded('r', collection)}`);
  if (after) conditions.push(`(${[...keys, ...ids].join(', ')}) > (${position(pick, after, parameters)})`);
  const bot = collection.bot ? [`${column('r', collection.bot.name)} AS bot`] : [];
  const columns = [
    ...keys.map((key, index) => `${key} AS k${index}`),
    ...ids.map((id, index) => `${id} AS p${index}`),
    ...bot,
    ...more,
  ];
  return `picked AS MATERIALIZED (
  SELECT ${columns.join(', ')}
  FROM ${collection.table} AS r
  WHERE ${conditions.join(' AND ')}
  ORDER BY ${[...keys, ...ids].join(', ')} LIMIT ${parameters.add(pick.maxRows, 'integer')}${lock === '' ? '' : ` ${lock}`}
)`;
}

/** Subselects that tell how many rows were picked, and where the next step goes on. */
export function progress({ collection, tie }: Pick): string {
  const columns = [
    ...tie.columns.map((_, index) => `k${index}`),
    ...collection.primaryKey.map((_, index) => `p${index}`),
  ];
  const texts = columns.map((name) => `${name}::text`).join(', ');
  const backwards = columns.map((name) => `${name} DESC`).join(', ');
  return `(SELECT count(*) FROM picked)::integer AS picked,
  (SELECT ARRAY[${texts}] FROM picked ORDER BY ${backwards} LIMIT 1) AS last`;
}

/** The rows picked and no others: a join by primary key. */
export function isPicked(alias: string, collection: CollectionPlan): string {
  return primaryKey(alias, collection)
    .map((id, index) => `${id} = ANY (ARRAY[picked.p${index}])`)
    .join(' AND ');
}

function position({ collection, tie }: Pick, after: readonly string[], parameters: Parameters): string {
  const types = [...tie.columns.map(({ type }) => type), ...collection.primaryKey.map(({ type }) => type)];
  return types.map((type, index) => parameters.add(after[index], type)).join(', ');
}
