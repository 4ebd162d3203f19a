import { type CollectionPlan, type TiePlan } from '../plan/collection-plan.js';
import { type KeyRow } from '../keys/step-keys.js';
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
  /** Whose the keys are. */
  readonly owners: readonly KeyRow[];
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
 * those that do belong, each with its person.
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
  const owner = ownerOf(picking, parameters);
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
  SELECT walked.*, ${owner.person} AS person FROM walked${owner.join} WHERE belongs
)`;
}

/**
 * The person of a walked row, by the number of its key: looking through all keys once for each row would take the square
 * of their number. A key that counts for single bots is the person's of that bot.
 */
function ownerOf(
  { collection, keys, owners }: Picking,
  parameters: Parameters,
): { readonly person: string; readonly join: string } {
  const numbers = new Map(keys.map((values, index) => [JSON.stringify(values), index + 1]));
  const everywhere = keys.map(() => '0');
  const inOneBot: { readonly nth: number; readonly bot: string; readonly person: string }[] = [];
  for (const { values, bot, person } of owners) {
    const nth = numbers.get(JSON.stringify(values));
    if (nth === undefined) continue;
    if (bot === null) everywhere[nth - 1] = person;
    else inOneBot.push({ nth, bot, person });
  }
  const person = `nullif((${parameters.add(everywhere, 'bigint[]')})[walked.nth::integer], 0)`;
  if (inOneBot.length === 0) return { person, join: '' };
  const relation = [
    parameters.add(
      inOneBot.map(({ nth }) => nth),
      'bigint[]',
    ),
    parameters.add(
      inOneBot.map(({ bot }) => bot),
      `${collection.bot?.type ?? 'text'}[]`,
    ),
    parameters.add(
      inOneBot.map(({ person: of }) => of),
      'bigint[]',
    ),
  ].join(', ');
  return {
    person: `coalesce(${person}, own.person)`,
    join: ` LEFT JOIN unnest(${relation}) AS own (nth, bot, person) ON own.nth = walked.nth AND own.bot = walked.bot`,
  };
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
 * whether it belongs, to the same person, in whatever state it is by now. Asked of the pair (`picked.belongs` is true of all picked rows), the
 * planner can't take the predicate for a way to find rows, which it would read whole tables for.
 */
export function isPicked(alias: string, { collection, tie, belonging }: Picking): string {
  const found = primaryKey(alias, collection).map((id, index) => lookedUp(id, `picked.p${index}`));
  const same = keyExpressions(alias, tie).map((key, index) => `${key} = picked.k${index}`);
  return `${found.join(' AND ')} AND (picked.belongs AND ${[...same, belonging.of(alias)].join(' AND ')}) IS TRUE`;
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
