import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { BotsService } from '../../bots/bots.service.js';
import { IntegrityError } from '../../common/errors/integrity-error.js';
import { type Boundary } from '../../config/fault-points.js';
import { Settings } from '../../config/settings.js';
import { inTransaction } from '../../database/transaction.js';
import { type NotCovered } from '../../stores/store.js';
import { type RequestSeal } from '../seal/request-seal.js';
import { batchSize } from './batch-size.js';
import { type PlanClaim } from './claim.js';
import { type Waiting } from './pace/waiting.js';
import { PlanningRepositories } from './planning-repositories.js';
import { type NewPerson, type PlannedSubject, type UnplannedSubject } from './plan.repository.js';
import { type RequestScope, scopeOf } from './scope-of.js';

/** Runs one transaction when it is time to. */
export type Paced = <T>(work: () => Promise<T>) => Promise<T>;

/** Does one of the steps of finishing. */
type Step = <T>(work: (manager: EntityManager) => Promise<T>) => Promise<T>;

/** A request that was proven to be as it was accepted. */
export interface OpenRequest {
  readonly scope: RequestScope;
  readonly seal: RequestSeal;
  /** Number of entries. */
  readonly total: number;
}

/** Rows that one step of finishing looks at: well below what a statement may take. */
const AT_ONCE = 5_000;
/** Entries of a request whose planning is finished in one transaction. */
const ONE_STEP = 1_000;
/** Persons cut into batches by one step: while it lasts, a batch that ends waits for the request's row. */
const CUT_AT_ONCE = 1_000;

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
    // Who goes on with a planning looks once more at its end.
    if (!(await this.rows.plan.isBegun(manager, requestId)))
      await this.checkTotal(requestId, head.total, (work) => work(manager));
    return { scope: await scopeOf(manager, this.bots, head), seal, total: head.total };
  }

  /** Entries that were not judged yet, behind `after`, and whether more may follow. */
  async nextPage(
    requestId: string,
    after: number,
  ): Promise<{ readonly page: readonly UnplannedSubject[]; readonly isLast: boolean }> {
    const { planPageEntries: limit } = this.settings;
    const page = await this.rows.plan.unplanned(this.dataSource.manager, requestId, after, limit);
    return { page, isLast: page.length < limit };
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

  /** Renews the lease; says in the rows what the planning waits for. @throws ClaimLost; Stopping when it is paused */
  async signOfLife(claim: PlanClaim, waiting: Waiting | null): Promise<void> {
    await this.rows.claims.signOfLife(claim, waiting);
  }

  /**
   * Every page is judged: looks that all entries are there, cuts the batches and, where nobody is left to erase, settles the
   * request. A million entries are too many for one statement, so this goes in steps, each fenced; all may be done twice.
   *
   * @throws IntegrityError, ClaimLost
   */
  async finish(
    claim: PlanClaim,
    total: number,
    dataMapHash: string,
    notCovered: readonly NotCovered[],
    paced: Paced,
  ): Promise<readonly string[]> {
    const fenced: Step = (work) => paced(() => this.fenced(claim, 'finish-planning', work));
    const finish = (step: Step): Promise<readonly string[]> =>
      this.finishIn(step, claim.requestId, total, dataMapHash, notCovered);
    // A small one in a single step: the first person of it should not wait for six commits.
    return total <= ONE_STEP ? fenced((manager) => finish((work) => work(manager))) : finish(fenced);
  }

  private async finishIn(
    step: Step,
    requestId: string,
    total: number,
    dataMapHash: string,
    notCovered: readonly NotCovered[],
  ): Promise<readonly string[]> {
    const { plan, rollUp } = this.rows;
    await this.checkTotal(requestId, total, step);
    for (let from = 0; from < total; from += AT_ONCE)
      await step((manager) => plan.failThoseMeaningNobody(manager, requestId, from, from + AT_ONCE));
    const size = batchSize(total, this.settings);
    const most = Math.max(1, Math.floor(CUT_AT_ONCE / size));
    const batches: string[] = [];
    for (let after: string | null = '0'; after !== null;) {
      const behind: string = after;
      const cut = await step((manager) =>
        plan.cutBatches(manager, requestId, { after: behind, size, most }, dataMapHash),
      );
      batches.push(...cut.batches);
      after = cut.batches.length < most ? null : cut.last;
    }
    await step(async (manager) => {
      await plan.markPlanned(manager, requestId, notCovered);
      // With somebody in a batch it is in progress, as it was.
      if (batches.length === 0) await rollUp.rollUp(manager, requestId);
    });
    return batches;
  }

  /** The request is not what was accepted: everything still open ends FAILED, and nobody is erased. */
  async refuse(claim: PlanClaim): Promise<void> {
    const { requestId } = claim;
    const { plan, rollUp } = this.rows;
    let open = true;
    while (open)
      open = await this.fenced(claim, 'refuse-planning', async (manager) => {
        if (await plan.failSome(manager, requestId, AT_ONCE)) return true;
        await plan.markPlanned(manager, requestId, []);
        await rollUp.rollUp(manager, requestId);
        return false;
      });
  }

  /** @throws IntegrityError unless the entries are as many as were accepted, at the places where they were */
  private async checkTotal(requestId: string, total: number, step: Step): Promise<void> {
    const { plan } = this.rows;
    for (let from = 0; from < total; from += AT_ONCE)
      await step(async (manager) => {
        const to = Math.min(from + AT_ONCE, total);
        if ((await plan.countBetween(manager, requestId, from, to)) !== to - from) throw new IntegrityError();
      });
    await step(async (manager) => {
      if (await plan.hasOthers(manager, requestId, total)) throw new IntegrityError();
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
