import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { type LosableKey, type PersonKeys } from '../../stores/store.js';
import { StoresService } from '../../stores/stores.service.js';
import { UserDirectoryService } from '../../users/user-directory.service.js';
import { joined, pairName } from './identity-keys.js';
import { type Person } from './job.js';
import { KnownClaims } from './known-claims.js';
import { type RequestScope } from './scope-of.js';

const losableKeys: readonly LosableKey[] = ['email', 'enterpriseId'];

/** The key sets of persons as they count in this transaction. */
@Injectable()
export class CurrentKeys {
  constructor(
    private readonly directory: UserDirectoryService,
    private readonly stores: StoresService,
  ) {}

  /**
   * The stored keys, the identities that appeared since, for each identity the bots in which somebody else claims it by
   * now, and what else somebody else holds by now. A statement or two, however many persons.
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
    const lost = await this.lost(manager, scope, persons);
    return persons.map(({ id, keys }, index) => {
      const owner = { userId: userOf(keys), accountId: scope.accountId, bots: scope.bots };
      const identities = claims.keysOf(owner, keys.identities);
      return { ...keys, person: id, identities, lost: lost.get(index) ?? [] };
    });
  }

  /** By the person's index. Asked for where rows are tied by such keys alone. */
  private async lost(
    manager: EntityManager,
    { accountId }: RequestScope,
    persons: readonly Person[],
  ): Promise<ReadonlyMap<number, readonly LosableKey[]>> {
    const lost = new Map<number, LosableKey[]>();
    if (!losableKeys.some((key) => this.stores.ties(key))) return lost;
    const now = persons.map(({ keys }) => ({ ...keys, userId: userOf(keys) }));
    for (const { index, key } of await this.directory.keysOfOthers(manager, accountId, now))
      lost.set(index, [...(lost.get(index) ?? []), key]);
    return lost;
  }
}

function userOf({ inDirectory, userId }: Person['keys']): string | null {
  return inDirectory ? userId : null;
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
