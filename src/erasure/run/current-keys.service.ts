import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { type PersonKeys } from '../../stores/store.js';
import { UserDirectoryService } from '../../users/user-directory.service.js';
import { joined, pairName } from './identity-keys.js';
import { type Person } from './job.js';
import { KnownClaims } from './known-claims.js';
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
    const claims = new KnownClaims(
      await this.directory.identityClaims(manager, userIds, [...new Set(stored)]),
    );
    return persons.map(({ id, keys }) => {
      const userId = keys.inDirectory ? keys.userId : null;
      const owner = { userId, accountId: scope.accountId, bots: scope.bots };
      return { ...keys, person: id, identities: claims.keysOf(owner, keys.identities) };
    });
  }
}

/** Whether `now` has an identity, or a bot of one, that `before` did not have. */
export function hasNewIdentity(before: PersonKeys, now: PersonKeys): boolean {
  const identities = new Map(before.identities.map((identity) => [pairName(identity), identity]));
  return now.identities.some((identity) => {
    const known = identities.get(pairName(identity));
    if (!known) return true;
    if (known.bots === null) return false;
    return identity.bots?.some((bot) => !known.bots?.includes(bot)) ?? true;
  });
}
