import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { groupBy } from '../common/group-by.js';
import { MembershipsService } from '../users/memberships.service.js';
import { protect, type ProtectionReason } from './protection-policy.js';

/** Applies the protection policy to sets of users. */
@Injectable()
export class ProtectionService {
  constructor(private readonly memberships: MembershipsService) {}

  /** Those of `userIds` who must stay, with the reason. One statement, however many users. */
  async protectedAmong(
    manager: EntityManager,
    accountId: string,
    userIds: readonly string[],
  ): Promise<ReadonlyMap<string, ProtectionReason>> {
    const rolesByUser = groupBy(await this.memberships.rolesOf(manager, userIds), ({ userId }) => userId);
    const reasons = new Map<string, ProtectionReason>();
    for (const [userId, roles] of rolesByUser) {
      const reason = protect(accountId, roles);
      if (reason) reasons.set(userId, reason);
    }
    return reasons;
  }

  /** As `protectedAmong`, and what it says stays true until the end of the transaction. */
  async holdAndJudge(
    manager: EntityManager,
    accountId: string,
    userIds: readonly string[],
  ): Promise<ReadonlyMap<string, ProtectionReason>> {
    await this.memberships.hold(manager);
    return this.protectedAmong(manager, accountId, userIds);
  }
}
