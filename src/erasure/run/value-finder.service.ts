import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { groupBy } from '../../common/group-by.js';
import { type Scope, type ValueHit, type ValueQuery } from '../../stores/store.js';
import { StoresService } from '../../stores/stores.service.js';
import { type MatchKind, type UserReference } from '../../users/user-reference.js';
import { type KeySet } from '../seal/key-set.js';
import { joined, pairName } from './identity-keys.js';

/** Someone in no directory whose rows were found by value. */
export interface Found {
  readonly keys: KeySet;
  readonly matchedBy: MatchKind;
}

/** Looks in the collections for what the directory does not know: anonymous visitors leave rows and nothing else. */
@Injectable()
export class ValueFinder {
  constructor(private readonly stores: StoresService) {}

  /**
   * What each of these references was found as, in the bots that the request covers. Several for one reference mean that
   * the entry is ambiguous.
   *
   * @param wanted indexes into `references`; the keys of the result
   */
  async find(
    manager: EntityManager,
    scope: Scope,
    references: readonly UserReference[],
    wanted: readonly number[],
  ): Promise<ReadonlyMap<number, readonly Found[]>> {
    const queries = wanted.flatMap((index): ValueQuery[] => {
      const reference = references[index];
      return reference ? [{ position: index, ...reference }] : [];
    });
    const found = new Map<number, Map<string, Found>>();
    for (const hit of await this.hits(manager, scope, queries)) {
      const byName = found.get(hit.position) ?? new Map<string, Found>();
      byName.set(JSON.stringify({ ...hit, joinedOnly: null }), foundAs(hit, references[hit.position]));
      found.set(hit.position, byName);
    }
    return new Map([...found].map(([index, byName]) => [index, [...byName.values()]]));
  }

  /**
   * Marks identities whose joined form is also that of another pair that rows carry: (`5f1e/genesys`, `conv-9`) and
   * (`5f1e`, `genesys/conv-9`) are one string, so an `identity` column can't say whose the row is.
   */
  async markLookAlikes<K>(
    manager: EntityManager,
    scope: Scope,
    sets: ReadonlyMap<K, KeySet>,
  ): Promise<ReadonlyMap<K, KeySet>> {
    const suspects = [...new Set([...sets.values()].flatMap((keys) => keys.identities.map(joined)))].filter(
      (name) => name.split('/').length > 2,
    );
    if (suspects.length === 0) return sets;
    const queries = suspects.map((value, position): ValueQuery => ({
      position,
      kind: 'any',
      value,
      channelId: null,
    }));
    const pairs = (await this.hits(manager, scope, queries)).flatMap((hit) =>
      hit.kind === 'identity' && !hit.joinedOnly && joined(hit) === suspects[hit.position] ? [hit] : [],
    );
    const alike = groupBy(pairs, joined);
    const marked = new Map<K, KeySet>();
    for (const [key, keys] of sets) {
      const own = new Set(keys.identities.map(pairName));
      const identities = keys.identities.map((identity) =>
        alike.get(joined(identity))?.some((pair) => !own.has(pairName(pair)))
          ? { ...identity, joinedSharedBots: scope.bots }
          : identity,
      );
      marked.set(key, { ...keys, identities });
    }
    return marked;
  }

  private async hits(
    manager: EntityManager,
    scope: Scope,
    queries: readonly ValueQuery[],
  ): Promise<readonly ValueHit[]> {
    if (queries.length === 0) return [];
    const hits: ValueHit[] = [];
    for (const store of this.stores.all) hits.push(...(await store.findByValue(manager, queries, scope)));
    const seen = new Set(
      hits.flatMap((hit) =>
        hit.kind === 'identity' && !hit.joinedOnly ? [`${hit.position} ${joined(hit)}`] : [],
      ),
    );
    // One store may hold only the joined form of a pair that another store holds split.
    return hits.filter(
      (hit) => hit.kind !== 'identity' || !hit.joinedOnly || !seen.has(`${hit.position} ${joined(hit)}`),
    );
  }
}

function foundAs(hit: ValueHit, reference: UserReference | undefined): Found {
  const nothing = { userId: null, email: null, enterpriseId: null, identities: [], inDirectory: false };
  if (hit.kind !== 'identity') return { keys: { ...nothing, [hit.kind]: hit.value }, matchedBy: hit.kind };
  const { channelId, channelUserId } = hit;
  const bare = reference?.kind === 'any' && reference.value === channelUserId;
  return {
    keys: {
      ...nothing,
      identities: [{ channelId, channelUserId, bots: null, sharedBots: [], joinedSharedBots: [] }],
    },
    matchedBy: bare ? 'channelUserId' : 'identity',
  };
}
