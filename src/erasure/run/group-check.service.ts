import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { ProtectionService } from '../../protection/protection.service.js';
import { type ErasedRows, type PersonKeys } from '../../stores/store.js';
import { UserDirectoryService } from '../../users/user-directory.service.js';
import { CurrentKeys } from './current-keys.service.js';
import { type Job, type Person } from './job.js';
import { type Outcome, OutcomeRepository } from './outcome.repository.js';

/** Whom a transaction may erase, by which keys; and what became of them. */
export interface Allowed {
  readonly allowed: readonly Person[];
  readonly keys: readonly PersonKeys[];
}

/** What every erasing transaction looks at before it erases, and writes after. */
@Injectable()
export class GroupCheck {
  constructor(
    private readonly protection: ProtectionService,
    private readonly directory: UserDirectoryService,
    private readonly currentKeys: CurrentKeys,
    private readonly outcomes: OutcomeRepository,
  ) {}

  /**
   * Ends those who have become protected, and holds everybody's roles until the transaction ends.
   *
   * @param withIdentities hold them as well, before they are read; after the roles, as everywhere
   */
  async begin(
    manager: EntityManager,
    job: Job,
    persons: readonly Person[],
    withIdentities: boolean,
  ): Promise<Allowed> {
    const userIds = persons.flatMap(({ keys }) => (keys.userId === null ? [] : [keys.userId]));
    const reasons = await this.protection.holdAndJudge(manager, job.scope.accountId, userIds);
    const outcomes = persons.flatMap(({ id, keys }): Outcome[] => {
      const reason = keys.userId === null ? undefined : reasons.get(keys.userId);
      return reason ? [{ person: id, status: 'PROTECTED', reason }] : [];
    });
    await this.settle(manager, job, outcomes);
    const out = new Set(outcomes.map(({ person }) => person));
    const allowed = persons.filter(({ id }) => !out.has(id));
    if (withIdentities) await this.holdIdentities(manager, allowed);
    return { allowed, keys: await this.keys(manager, job, allowed) };
  }

  /** Until the transaction ends nobody gains or loses an identity. Without anyone of the directory there is none to hold. */
  async holdIdentities(manager: EntityManager, persons: readonly Person[]): Promise<void> {
    if (persons.some(({ keys }) => keys.inDirectory)) await this.directory.holdIdentities(manager);
  }

  async keys(manager: EntityManager, job: Job, persons: readonly Person[]): Promise<readonly PersonKeys[]> {
    return this.currentKeys.of(manager, job.scope, persons);
  }

  async record(manager: EntityManager, { claim }: Job, erased: readonly ErasedRows[]): Promise<void> {
    await this.outcomes.addCounts(manager, claim.batchId, erased);
  }

  async settle(manager: EntityManager, job: Job, outcomes: readonly Outcome[]): Promise<void> {
    await this.outcomes.settle(manager, job.scope.requestId, outcomes);
  }

  async succeed(manager: EntityManager, job: Job, persons: readonly PersonKeys[]): Promise<void> {
    const outcomes = persons.map(({ person, inDirectory }): Outcome => ({
      person,
      status: 'SUCCESS',
      reason: inDirectory ? null : 'NOT_IN_DIRECTORY',
    }));
    await this.settle(manager, job, outcomes);
  }
}
