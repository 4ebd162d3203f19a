import { setTimeout as wait } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { workCounters } from '../../common/metrics/work-counters.js';
import { type Boundary, reachFaultPoint } from '../../config/fault-points.js';
import { Settings } from '../../config/settings.js';
import { DatabaseFault } from '../../database/database-fault.js';
import { inTransaction } from '../../database/transaction.js';
import { type BatchClaim, Stopping } from './claim.js';
import { ClaimsRepository } from './claims.repository.js';
import { type Job } from './job.js';
import { type Waiting } from './pace/waiting.js';
import { type NotePlace } from './overwrite-notes.js';
import { type Outcome, OutcomeRepository } from './outcome.repository.js';
import { RollUpRepository } from '../roll-up/roll-up.repository.js';

/** Tries of one transaction before its failure counts against the batch. */
const TRIES = 4;
const LONGEST_WAIT_MS = 150;

/** The fenced transactions in which a batch is erased. */
@Injectable()
export class ErasingDesk {
  constructor(
    private readonly dataSource: DataSource,
    private readonly settings: Settings,
    private readonly claims: ClaimsRepository,
    private readonly outcomes: OutcomeRepository,
    private readonly rollUps: RollUpRepository,
  ) {}

  /**
   * Runs `work` in a transaction that begins with the fence of the batch. Deadlocks and time-outs are tried again a few
   * times, after a wait of random length; a statement that took too long also slows the job down.
   *
   * @throws ClaimLost, Stopping, DatabaseFault
   */
  async inTransaction<T>(
    job: Job,
    boundary: Boundary,
    work: (manager: EntityManager) => Promise<T>,
  ): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      if (job.turn.over) throw new Stopping();
      try {
        return await this.fenced(job.claim, boundary, work);
      } catch (error) {
        if (
          attempt === TRIES ||
          !(error instanceof DatabaseFault) ||
          !error.transient ||
          error.connectionLost
        )
          throw error;
        workCounters.retries.inc({ work: 'transaction' });
        if (error.sqlState === '57014') job.sizes.slowDown();
        await wait(Math.random() * LONGEST_WAIT_MS);
        // What was rolled back took its sign of life with it.
        await this.signOfLife(job, null);
      }
    }
  }

  /** Renews the lease; says in the rows what the batch waits for. @throws ClaimLost, DatabaseFault */
  async signOfLife({ claim }: Job, waiting: Waiting | null): Promise<void> {
    await this.claims.signOfLife(claim, waiting);
  }

  async settle(job: Job, outcomes: readonly Outcome[]): Promise<void> {
    await this.inTransaction(job, 'settle-persons', (manager) =>
      this.outcomes.settle(manager, job.scope.requestId, outcomes),
    );
    job.turn.progressed();
  }

  /**
   * Nothing of the batch is open any more: settles it, and the request if this was its last. Where it has noted very much,
   * that is forgotten first, step by step; whoever takes over between two of them finds nobody open and goes on with it.
   *
   * @throws ClaimLost, Stopping, DatabaseFault
   */
  async finish(job: Job): Promise<void> {
    let forgotten: NotePlace | null = null;
    while (!(await this.settleBatch(job.claim, forgotten))) {
      if (job.turn.over) throw new Stopping();
      forgotten = (await this.forgetNotes(job.claim, forgotten)) ?? forgotten;
      job.turn.progressed();
    }
  }

  /** @returns whether so few notes are left that it is settled */
  private async settleBatch(claim: BatchClaim, forgotten: NotePlace | null): Promise<boolean> {
    return inTransaction(this.dataSource, this.settings, 'finish-batch', async (manager) => {
      await this.rollUps.hold(manager, claim.requestId);
      if (!(await this.claims.settleBatch(manager, claim, forgotten))) return false;
      await reachFaultPoint('finish-batch:settled');
      await this.rollUps.rollUp(manager, claim.requestId);
      return true;
    });
  }

  private async forgetNotes(claim: BatchClaim, forgotten: NotePlace | null): Promise<NotePlace | null> {
    return inTransaction(this.dataSource, this.settings, 'forget-notes', (manager) =>
      this.claims.forgetNotes(manager, claim, forgotten),
    );
  }

  private async fenced<T>(
    claim: BatchClaim,
    boundary: Boundary,
    work: (manager: EntityManager) => Promise<T>,
  ): Promise<T> {
    const fenced = async (manager: EntityManager): Promise<T> => {
      await this.claims.fenceBatch(manager, claim);
      return work(manager);
    };
    return inTransaction(this.dataSource, this.settings, boundary, fenced, { planOnce: true });
  }
}
