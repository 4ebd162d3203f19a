import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { type PersonKeys } from '../../stores/store.js';
import { type IdentityClaim, UserDirectoryService } from '../../users/user-directory.service.js';
import { identityKeys, joined } from './identity-keys.js';
import { type Person } from './job.js';
import { type RequestScope } from './scope-of.js';

/** The key sets of persons as they count in this transaction. */
@Injectable()
export class CurrentKeys {
  constructor(private readonly directory: UserDirectoryService) {}

  /**
   * The stored keys, the identities that appeared since, and for each identity the bots in which somebody else claims it
   * by now. One statement, however many persons.
   */
  async of(
    manager: EntityManager,
    scope: RequestScope,
    persons: readonly Person[],
  ): Promise<readonly PersonKeys[]> {
    const userIds = persons.flatMap(({ keys }) =>
      keys.inDirectory && keys.userId !== null ? [keys.userId] : [],
    );
    const stored = persons.flatMap(({ keys }) => keys.identities.map(joined));
    const byJoined = new Map<string, IdentityClaim[]>();
    const namesOf = new Map<string, Set<string>>();
    for (const claim of await this.directory.identityClaims(manager, userIds, [...new Set(stored)])) {
      const name = joined(claim);
      byJoined.set(name, [...(byJoined.get(name) ?? []), claim]);
      namesOf.set(claim.userId, (namesOf.get(claim.userId) ?? new Set()).add(name));
    }
    return persons.map(({ id, keys }) => {
      const userId = keys.inDirectory ? keys.userId : null;
      const names = new Set([
        ...keys.identities.map(joined),
        ...(userId === null ? [] : (namesOf.get(userId) ?? [])),
      ]);
      const claims = [...names].flatMap((name) => byJoined.get(name) ?? []);
      const owner = { userId, accountId: scope.accountId, bots: scope.bots };
      return { ...keys, person: id, identities: identityKeys(owner, keys.identities, claims) };
    });
  }
}

/** Whether `now` has an identity, or a bot of one, that `before` did not have. */
export function hasNewIdentity(before: PersonKeys, now: PersonKeys): boolean {
  return now.identities.some((identity) => {
    const known = before.identities.find(
      ({ channelId, channelUserId }) =>
        channelId === identity.channelId && channelUserId === identity.channelUserId,
    );
    if (!known) return true;
    if (known.bots === null) return false;
    return identity.bots?.some((bot) => !known.bots?.includes(bot)) ?? true;
  });
}
