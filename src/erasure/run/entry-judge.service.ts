import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { type ProtectionReason } from '../../protection/protection-policy.js';
import { ProtectionService } from '../../protection/protection.service.js';
import { hasTooManyReadings } from '../../stores/pair-readings.js';
import { type Scope } from '../../stores/store.js';
import { UserDirectoryService } from '../../users/user-directory.service.js';
import { type MatchKind, matchKinds, type UserReference } from '../../users/user-reference.js';
import { UserResolutionService } from '../../users/user-resolution.service.js';
import { type KeySet } from '../seal/key-set.js';
import { joined } from './identity-keys.js';
import { KnownClaims } from './known-claims.js';
import { type Found, ValueFinder } from './value-finder.service.js';

/** What an entry turned out to mean. */
export type Judgement =
  | { readonly is: 'NOT_FOUND' }
  /** The directory does not know it, and it could be so many pairs that nobody can tell which. */
  | { readonly is: 'TOO_MANY_READINGS' }
  | { readonly is: 'AMBIGUOUS'; readonly matchedBy: readonly MatchKind[] }
  | {
      readonly is: 'PERSON';
      readonly keys: KeySet;
      readonly matchedBy: readonly MatchKind[];
      readonly protectedFor: ProtectionReason | null;
    };

type Meaning =
  | { readonly is: 'NOT_FOUND' }
  | { readonly is: 'TOO_MANY_READINGS' }
  | { readonly is: 'AMBIGUOUS'; readonly matchedBy: readonly MatchKind[] }
  | { readonly is: 'USER'; readonly userId: string; readonly matchedBy: readonly MatchKind[] }
  | { readonly is: 'FOUND'; readonly found: Found; readonly matchedBy: readonly MatchKind[] };

/** Decides whom a page of entries means and who of them must stay, in a number of statements that no entry can raise by much. */
@Injectable()
export class EntryJudge {
  constructor(
    private readonly resolution: UserResolutionService,
    private readonly directory: UserDirectoryService,
    private readonly protection: ProtectionService,
    private readonly values: ValueFinder,
  ) {}

  /** One judgement per reference, in their order. */
  async judge(
    manager: EntityManager,
    scope: Scope,
    references: readonly UserReference[],
  ): Promise<readonly Judgement[]> {
    const meanings = await this.meanings(manager, scope, references);
    const keySets = await this.keySets(manager, scope, meanings);
    const userIds = [...keySets.values()].flatMap(({ userId }) => (userId === null ? [] : [userId]));
    const protectedFor = await this.protection.protectedAmong(manager, scope.accountId, [
      ...new Set(userIds),
    ]);
    return meanings.map((meaning) => {
      if (meaning.is !== 'USER' && meaning.is !== 'FOUND') return meaning;
      const keys = keySets.get(meaning);
      if (!keys) throw new Error('a meaning without keys');
      return {
        is: 'PERSON',
        keys,
        matchedBy: meaning.matchedBy,
        protectedFor: keys.userId === null ? null : (protectedFor.get(keys.userId) ?? null),
      };
    });
  }

  private async meanings(
    manager: EntityManager,
    scope: Scope,
    references: readonly UserReference[],
  ): Promise<readonly Meaning[]> {
    const users = references.map(() => new Set<string>());
    const kinds = references.map(() => new Set<MatchKind>());
    for (const match of await this.resolution.resolve(manager, scope.accountId, references)) {
      users[match.index]?.add(match.userId);
      kinds[match.index]?.add(match.kind);
    }
    const unknown = references.flatMap((_, index) => (users[index]?.size === 0 ? [index] : []));
    const unreadable = new Set(unknown.filter((index) => isUnreadable(references[index])));
    const sought = unknown.filter((index) => !unreadable.has(index));
    const found = await this.values.find(manager, scope, references, sought);
    return references.map((_, index): Meaning => {
      if (unreadable.has(index)) return { is: 'TOO_MANY_READINGS' };
      const matchedBy = matchKinds.filter((kind) => kinds[index]?.has(kind));
      const [userId, second] = [...(users[index] ?? [])];
      if (second !== undefined) return { is: 'AMBIGUOUS', matchedBy };
      if (userId !== undefined) return { is: 'USER', userId, matchedBy };
      const hits = found.get(index) ?? [];
      const hitKinds = [...new Set(hits.map((hit) => hit.matchedBy))];
      if (hits.length > 1) return { is: 'AMBIGUOUS', matchedBy: hitKinds };
      return hits[0] ? { is: 'FOUND', found: hits[0], matchedBy: hitKinds } : { is: 'NOT_FOUND' };
    });
  }

  private async keySets(
    manager: EntityManager,
    scope: Scope,
    meanings: readonly Meaning[],
  ): Promise<ReadonlyMap<Meaning, KeySet>> {
    const userIds = [
      ...new Set(meanings.flatMap((meaning) => (meaning.is === 'USER' ? [meaning.userId] : []))),
    ];
    const foundKeys = meanings.flatMap((meaning) =>
      meaning.is === 'FOUND' ? meaning.found.keys.identities : [],
    );
    const users = new Map(
      (await this.directory.usersOf(manager, scope.accountId, userIds)).map((user) => [user.userId, user]),
    );
    const claims = new KnownClaims(
      await this.directory.identityClaims(manager, userIds, foundKeys.map(joined)),
    );

    const sets = new Map<Meaning, KeySet>();
    for (const meaning of meanings) {
      if (meaning.is !== 'USER' && meaning.is !== 'FOUND') continue;
      const base: KeySet =
        meaning.is === 'FOUND'
          ? meaning.found.keys
          : {
              userId: meaning.userId,
              email: users.get(meaning.userId)?.email ?? null,
              enterpriseId: users.get(meaning.userId)?.enterpriseId ?? null,
              identities: [],
              inDirectory: true,
            };
      const owner = {
        userId: base.inDirectory ? base.userId : null,
        accountId: scope.accountId,
        bots: scope.bots,
      };
      sets.set(meaning, { ...base, identities: claims.keysOf(owner, base.identities) });
    }
    return this.values.markLookAlikes(manager, scope, sets);
  }
}

/** Only a plain string is read in several ways; a typed pair says itself where its channel ends. */
function isUnreadable(reference: UserReference | undefined): boolean {
  return reference?.kind === 'any' && hasTooManyReadings(reference.value);
}
