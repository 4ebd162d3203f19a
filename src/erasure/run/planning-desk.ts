import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { BotsService } from '../../bots/bots.service.js';
import { IntegrityError } from '../../common/errors/integrity-error.js';
import { type Boundary } from '../../config/fault-points.js';
import { Settings } from '../../config/settings.js';
import { inTransaction } from '../../database/transaction.js';
import { type NotCovered } from '../../stores/store.js';
import { type RequestSeal } from '../seal/request-seal.js';
import { type PlanClaim } from './claim.js';
import { PlanningRepositories } from './planning-repositories.js';
import { type NewPerson, type PlannedSubject, type UnplannedSubject } from './plan.repository.js';
import { type RequestScope, scopeOf } from './scope-of.js';

/** A request that was proven to be as it was accepted. */
export interface OpenRequest {
  readonly scope: RequestScope;
  readonly seal: RequestSeal;
}

/** The rows that planning reads and writes, each write fenced. */
@Injectable()
export class PlanningDesk {
  constructor(
    private readonly dataSource: DataSource,
    private readonly settings: Settings,
    private readonly bots: BotsService,
    private readonly rows: PlanningRepositories,
  ) {}

  /** @throws IntegrityError when the request, or the number of its entries, is not what was accepted */
  async open(requestId: string): Promise<OpenRequest> {
    const { head, seal } = await this.rows.heads.open(requestId);
    const { manager } = this.dataSource;
    if ((await this.rows.plan.countSubjects(manager, requestId)) !== head.total) throw new IntegrityError();
    return { scope: await scopeOf(manager, this.bots, head), seal };
  }

  async nextPage(requestId: string): Promise<readonly UnplannedSubject[]> {
    return this.rows.plan.unplanned(this.dataSource.manager, requestId, this.settings.planPageEntries);
  }

  /** Reads in one transaction, with its time-outs. */
  async look<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return inTransaction(this.dataSource, this.settings, 'judge-page', work);
  }

  /** Stores a page: key sets in the transaction that marks their subjects planned. @throws ClaimLost */
  async store(
    claim: PlanClaim,
    persons: readonly NewPerson[],
    subjects: readonly PlannedSubject[],
  ): Promise<void> {
    await this.fenced(claim, 'plan-page', async (manager) => {
      await this.rows.plan.insertPersons(manager, claim.requestId, persons);
      await this.rows.plan.updateSubjects(manager, claim.requestId, subjects);
    });
  }

  /** Every page is judged: cuts the batches and, where nobody is left to erase, settles the request. */
  async finish(
    claim: PlanClaim,
    dataMapHash: string,
    notCovered: readonly NotCovered[],
  ): Promise<readonly string[]> {
    const { requestId } = claim;
    return this.fenced(claim, 'finish-planning', async (manager) => {
      // An entry that counts as planned but means nobody was not planned by us.
      await this.rows.plan.failOpenSubjects(manager, requestId, 'INTEGRITY', 'meaning nobody');
      const batches = await this.rows.plan.cutBatches(
        manager,
        requestId,
        this.settings.batchPersons,
        dataMapHash,
      );
      await this.rows.plan.markPlanned(manager, requestId, notCovered);
      if (batches.length === 0) await this.rows.rollUp.rollUp(manager, requestId);
      return batches;
    });
  }

  /** The request is not what was accepted: everything still open ends FAILED, and nobody is erased. */
  async refuse(claim: PlanClaim): Promise<void> {
    const { requestId } = claim;
    await this.fenced(claim, 'refuse-planning', async (manager) => {
      await this.rows.plan.failOpenSubjects(manager, requestId, 'INTEGRITY', 'all');
      await this.rows.plan.markPlanned(manager, requestId, []);
      await this.rows.rollUp.rollUp(manager, requestId);
    });
  }

  private async fenced<T>(
    claim: PlanClaim,
    boundary: Boundary,
    work: (manager: EntityManager) => Promise<T>,
  ): Promise<T> {
    return inTransaction(this.dataSource, this.settings, boundary, async (manager) => {
      await this.rows.claims.fencePlanning(manager, claim);
      return work(manager);
    });
  }
}
