import { firstReading, pairReadings } from '../../pair-readings.js';
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
      return kind === 'any' && firstReading(value) ? [[value]] : [];
    case 'pair':
      if (kind === 'identity' && channelId !== null) return [[value, channelId]];
      if (kind !== 'any' && kind !== 'joined') return [];
      return [
        ...pairReadings(value).map(([channel, user]) => [user, channel]),
        ...(kind === 'any' ? [[value, null]] : []),
      ];
  }
}
