import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { groupBy } from '../../common/group-by.js';
import { MOST_READINGS, pairReadings } from '../../stores/pair-readings.js';
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

/** Readings of names with too many of them that one page looks at all the same. */
const MANY_READINGS = 10_000;

/** Looks in the collections for what the directory does not know: anonymous visitors leave rows and nothing else. */
@Injectable()
export class ValueFinder {
  constructor(private readonly stores: StoresService) {}

  /**
   * What each of these references was found as, in the bots that the request covers. Several for one reference mean that
   * the entry is ambiguous.
   *
   * @param wanted indexes into `references`, of none that has too many readings; the keys of the result
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
   * (`5f1e`, `genesys/conv-9`) are one string, so an `identity` column can't say whose the row is. So are those marked that
   * can be read in more ways than there is time to look at: nothing is erased by what may be somebody else's.
   */
  async markLookAlikes<K>(
    manager: EntityManager,
    scope: Scope,
    sets: ReadonlyMap<K, KeySet>,
  ): Promise<ReadonlyMap<K, KeySet>> {
    const names = [...new Set([...sets.values()].flatMap((keys) => keys.identities.map(joined)))].filter(
      (name) => name.split('/').length > 2,
    );
    if (names.length === 0) return sets;
    const { read, unread } = withinReason(names);
    const queries = read.map((value, position): ValueQuery => ({
      position,
      kind: 'joined',
      value,
      channelId: null,
    }));
    const hits = await this.hits(manager, scope, queries);
    const pairs = groupBy(
      hits.flatMap((hit) => (hit.kind === 'identity' ? [hit] : [])),
      joined,
    );
    const marked = new Map<K, KeySet>();
    for (const [key, keys] of sets) {
      const own = new Set(keys.identities.map(pairName));
      const identities = keys.identities.map((identity) => {
        const name = joined(identity);
        const clashing = unread.has(name) || pairs.get(name)?.some((pair) => !own.has(pairName(pair)));
        return clashing ? { ...identity, joinedSharedBots: scope.bots } : identity;
      });
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

/** Which of these names are looked at in all their readings: of those with a great many as much as a page has time for. */
function withinReason(names: readonly string[]): {
  readonly read: readonly string[];
  readonly unread: ReadonlySet<string>;
} {
  const read: string[] = [];
  const unread = new Set<string>();
  const counted = names.map((name) => ({ name, readings: pairReadings(name).length }));
  let left = MANY_READINGS;
  for (const { name, readings } of counted.toSorted((a, b) => a.readings - b.readings)) {
    const cost = readings > MOST_READINGS ? readings : 0;
    if (cost > left) unread.add(name);
    else read.push(name);
    left -= cost;
  }
  return { read, unread };
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
