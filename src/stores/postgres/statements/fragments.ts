import { type Parameters } from './statement.js';
import { quoteName } from '../../../database/sql.js';
import { type CollectionPlan, type HangingRows, type TiePlan } from '../plan/collection-plan.js';

/** `r."user_id"` */
export function column(alias: string, name: string): string {
  return `${alias}.${quoteName(name)}`;
}

/** Letter case by full Unicode rules, whatever the database's locale: as the index on the column has it. */
export function foldEmail(expression: string): string {
  return `lower(${expression} COLLATE "und-x-icu")`;
}

/** What a tie compares, the one that its index begins with first. */
export function keyExpressions(alias: string, tie: TiePlan): readonly string[] {
  return tie.columns.map(({ name }) =>
    tie.kind === 'email' ? foldEmail(column(alias, name)) : column(alias, name),
  );
}

/** A value of the key set in the form that `keyExpressions` has. */
export function keyValue(expression: string, tie: TiePlan): string {
  return tie.kind === 'email' ? foldEmail(expression) : expression;
}

/**
 * `left = right`, written so that the planner can neither hash nor merge by it, nor take it for a constant to order by:
 * what remains is looking `right` up in an index that begins with `left`. Estimates of how many rows that finds are
 * wrong as soon as one person owns a third of a table, and then it would read the whole table.
 */
export function lookedUp(left: string, right: string): string {
  return `${left} = ANY (ARRAY[${right}])`;
}

/**
 * The conditions of `onlyWhen`, written so that they tell whether a row counts and never find it. Overwriting makes rows
 * whose user id is null faster than statistics learn of it: the planner would take "is null" for the rarest thing in the
 * table, and read all that was ever overwritten, once for each key.
 */
export function onlyWhen(alias: string, tie: TiePlan, parameters: Parameters): readonly string[] {
  return tie.onlyWhen.map(({ column: { name, baseType }, value }) => {
    const holds =
      value === null
        ? `${column(alias, name)} IS NULL`
        : `${column(alias, name)} = ${parameters.add(String(value), baseType)}`;
    return `(CASE WHEN ${holds} THEN true END)`;
  });
}

export function primaryKey(alias: string, collection: CollectionPlan): readonly string[] {
  return collection.primaryKey.map(({ name }) => column(alias, name));
}

/** True of a row of the collection on which rows of any table hang; by an index, row for row. */
export function isNeeded(alias: string, collection: CollectionPlan): string {
  return `(${collection.hanging.map((rows) => `(${hangs(alias, rows)}) IS NOT NULL`).join(' OR ')})`;
}

function hangs(alias: string, { table, columns }: HangingRows): string {
  const conditions = columns.map(({ child, parent }) => lookedUp(column('h', child), column(alias, parent)));
  const order = columns.map(({ child }) => column('h', child));
  return `SELECT 1 FROM ${table} AS h WHERE ${conditions.join(' AND ')} ORDER BY ${order.join(', ')} LIMIT 1`;
}

/** A name as a string constant. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
