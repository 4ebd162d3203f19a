import { type EntityManager } from 'typeorm';
import { sql } from '../../database/sql.js';
import { firstReading } from '../pair-readings.js';
import { type Scope, type ValueHit, type ValueQuery } from '../store.js';
import { type Candidate, candidates } from './keys/candidates.js';
import { type CollectionPlan, type TiePlan } from './plan/collection-plan.js';
import { findStatement, type Found } from './statements/find-statement.js';

type IdentityHit = Extract<ValueHit, { kind: 'identity' }>;

/** Candidates of one statement: those of a page of entries as they mostly are. */
const AT_ONCE = 4_000;

/** What the queries were found as in these collections: one statement per tie and some thousand candidates. @throws DatabaseFault */
export async function findByValue(
  manager: EntityManager,
  collections: readonly CollectionPlan[],
  queries: readonly ValueQuery[],
  scope: Scope,
): Promise<readonly ValueHit[]> {
  if (queries.length === 0 || scope.bots.length === 0) return [];
  const hits = new Map<string, ValueHit>();
  for (const collection of collections) {
    if (collection.directory || !collection.bot || (collection.allBotsOnly && !scope.allBots)) continue;
    for (const tie of collection.ties) {
      const all = candidates(tie, queries);
      for (let from = 0; from < all.length; from += AT_ONCE) {
        const searched = all.slice(from, from + AT_ONCE);
        const { text, parameters } = findStatement(collection, tie, searched, scope);
        for (const found of await sql<Found>(manager, text, parameters)) {
          const candidate = searched[found.candidate];
          const hit = candidate && hitOf(tie, candidate, found.channel);
          if (hit) hits.set(JSON.stringify(hit), hit);
        }
      }
    }
  }
  return withoutGuesses([...hits.values()]);
}

function hitOf(tie: TiePlan, { query, values }: Candidate, channel: string | null): ValueHit | null {
  const { position, value } = query;
  switch (tie.kind) {
    case 'userId':
    case 'email':
    case 'enterpriseId':
      return { position, kind: tie.kind, value };
    case 'pair': {
      const [channelUserId, channelId] = values;
      return pairHit(position, channelId ?? channel, channelUserId ?? null, false);
    }
    case 'identity': {
      const [channelId, channelUserId] =
        query.channelId === null ? (firstReading(value) ?? []) : [query.channelId, value];
      return pairHit(position, channelId ?? null, channelUserId ?? null, true);
    }
  }
}

function pairHit(
  position: number,
  channelId: string | null,
  channelUserId: string | null,
  joinedOnly: boolean,
): IdentityHit | null {
  if (channelId === null || channelUserId === null) return null;
  return { position, kind: 'identity', channelId, channelUserId, joinedOnly };
}

/** Where channel columns show how a joined string splits, what an `identity` column holds is the same thing. */
function withoutGuesses(hits: readonly ValueHit[]): readonly ValueHit[] {
  const joined = (hit: IdentityHit): string =>
    JSON.stringify([hit.position, `${hit.channelId}/${hit.channelUserId}`]);
  const known = new Set(
    hits.flatMap((hit) => (hit.kind === 'identity' && !hit.joinedOnly ? [joined(hit)] : [])),
  );
  return hits.filter((hit) => hit.kind !== 'identity' || !hit.joinedOnly || !known.has(joined(hit)));
}
