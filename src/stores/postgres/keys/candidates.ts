import { type ValueQuery } from '../../store.js';
import { type TiePlan } from '../plan/collection-plan.js';
import { fits } from './key-type.js';

/** One value to look for through one tie on behalf of a query. */
export interface Candidate {
  readonly query: ValueQuery;
  /** In the order of the tie's columns. Of a pair, null for the channel id stands for any: a bare channel user id. */
  readonly values: readonly (string | null)[];
}

/** What a tie can look for on behalf of these queries. */
export function candidates(tie: TiePlan, queries: readonly ValueQuery[]): readonly Candidate[] {
  return queries
    .flatMap((query) => valuesOf(tie, query).map((values) => ({ query, values })))
    .filter(({ values }) =>
      values.every((value, index) => value === null || fits(value, tie.columns[index]?.type ?? 'text')),
    );
}

function valuesOf(
  tie: TiePlan,
  { kind, value, channelId }: ValueQuery,
): readonly (readonly (string | null)[])[] {
  switch (tie.kind) {
    case 'userId':
    case 'email':
    case 'enterpriseId':
      return kind === 'any' || kind === tie.kind ? [[value]] : [];
    case 'identity':
      if (kind === 'identity' && channelId !== null) return [[`${channelId}/${value}`]];
      return kind === 'any' && firstSplit(value) ? [[value]] : [];
    case 'pair':
      if (kind === 'identity' && channelId !== null) return [[value, channelId]];
      if (kind !== 'any') return [];
      return [...splits(value).map(([channel, user]) => [user, channel]), [value, null]];
  }
}

/** Every way to read a string as `channelId/channelUserId`, neither of them empty: either side may hold a slash. */
function splits(value: string): readonly (readonly [string, string])[] {
  const found: (readonly [string, string])[] = [];
  for (let at = value.indexOf('/', 1); at > 0 && at < value.length - 1; at = value.indexOf('/', at + 1))
    found.push([value.slice(0, at), value.slice(at + 1)]);
  return found;
}

/** The split with the shortest channel id: a guess, where nothing shows which one is true. */
export function firstSplit(value: string): readonly [string, string] | null {
  return splits(value)[0] ?? null;
}
