import { Injectable } from '@nestjs/common';
import { EventLog } from '../../common/logging/event-log.js';
import { defineEvent } from '../../common/logging/event.js';
import { workCounters } from '../../common/metrics/work-counters.js';
import { reachFaultPoint } from '../../config/fault-points.js';
import { Settings } from '../../config/settings.js';
import { DatabaseFault } from '../../database/database-fault.js';
import { StoresService } from '../../stores/stores.service.js';
import { WorkQueue } from '../queue/work-queue.js';
import { type BatchClaim, ClaimLost, type PlanClaim, Stopping } from './claim.js';
import { ClaimableWork } from './claimable-work.js';
import { Turn } from './turn.js';

const batchReleased = defineEvent('erasure.batch.released', { requestId: 'id', batchId: 'id', code: 'code' });
const planReleased = defineEvent('erasure.plan.released', { requestId: 'id', code: 'code' });
const planned = defineEvent('erasure.request.planned', { requestId: 'id', batches: 'count' });

const LONGEST_BACK_OFF_MS = 60_000;

/** Takes the next piece of work there is and does it. */
@Injectable()
export class WorkFinder {
  private plannedLast = false;

  constructor(
    private readonly work: ClaimableWork,
    private readonly stores: StoresService,
    private readonly queue: WorkQueue,
    private readonly settings: Settings,
    private readonly log: EventLog,
  ) {}

  /**
   * Plans one request or runs one batch, the one in turn with the other: neither many requests nor many batches keep the
   * other kind waiting. False when there is nothing to do. While the platform has drifted from the data map, nothing is
   * planned or erased: what waits goes on waiting.
   *
   * @param found called when there is something to do, before it is done
   * @throws DatabaseFault when the database can't be asked for work
   */
  async workOnce(stopping: () => boolean, found: () => void): Promise<boolean> {
    if (this.stores.state !== 'fits') return false;
    const kinds = [() => this.planNext(stopping, found), () => this.runNext(stopping, found)];
    if (this.plannedLast) kinds.reverse();
    // Asked before each: while the one was looked for, what this process has just given back may have become the other.
    for (const next of kinds) if (!stopping() && (await next())) return true;
    return false;
  }

  private async planNext(stopping: () => boolean, found: () => void): Promise<boolean> {
    const claim = await this.work.claims.claimPlanning(this.work.presence.id);
    if (!claim) return false;
    this.plannedLast = true;
    found();
    await this.inTurn(claim.accountId, stopping, (turn) => this.plan(claim, turn));
    return true;
  }

  private async runNext(stopping: () => boolean, found: () => void): Promise<boolean> {
    const claim = await this.work.claims.claimBatch(this.work.presence.id, this.stores.dataMapHash);
    if (!claim) return false;
    this.plannedLast = false;
    found();
    await this.inTurn(claim.accountId, stopping, (turn) => this.run(claim, turn));
    return true;
  }

  private async inTurn(
    accountId: string,
    stopping: () => boolean,
    work: (turn: Turn) => Promise<void>,
  ): Promise<void> {
    const { dataMapHash } = this.stores;
    const turn = new Turn(
      // What is under way waits as well once a table is seen that nobody has classified.
      () => stopping() || this.stores.state !== 'fits',
      () => this.work.claims.othersWait(accountId, dataMapHash),
      this.settings.turnMs,
    );
    try {
      await work(turn);
    } finally {
      turn.close();
    }
  }

  private async plan(claim: PlanClaim, turn: Turn): Promise<void> {
    try {
      const batches = await this.work.planner.plan(claim, turn);
      this.log.info(planned, { requestId: claim.requestId, batches: batches.length });
      await this.queue.announce(batches);
      await reachFaultPoint('finish-planning:announced');
    } catch (error) {
      if (error instanceof ClaimLost) return;
      const stopped = error instanceof Stopping;
      const failed = !stopped && !isLostConnection(error);
      await this.work.claims.releasePlanning(claim, stopped ? 0 : this.backOff(claim.attempts), failed);
      if (!stopped) {
        workCounters.retries.inc({ work: 'planning' });
        this.log.warn(planReleased, { requestId: claim.requestId, code: codeOf(error) });
      }
    }
  }

  private async run(claim: BatchClaim, turn: Turn): Promise<void> {
    try {
      await this.work.runner.run(claim, turn);
    } catch (error) {
      if (error instanceof ClaimLost) return;
      const stopped = error instanceof Stopping;
      const code = stopped || isLostConnection(error) ? null : codeOf(error);
      await this.work.claims.releaseBatch(claim, stopped ? 0 : this.backOff(claim.attempts), code);
      if (!stopped) {
        workCounters.retries.inc({ work: 'batch' });
        this.log.warn(batchReleased, {
          requestId: claim.requestId,
          batchId: claim.batchId,
          code: codeOf(error),
        });
      }
    }
  }

  /** Doubles with every attempt; of random length, so that those who collided don't meet again. */
  private backOff(attempts: number): number {
    const longest = Math.min(this.settings.retryBackoffMs * 2 ** attempts, LONGEST_BACK_OFF_MS);
    return longest * (0.5 + Math.random() / 2);
  }
}

/** It says nothing about the work: it is no attempt. */
function isLostConnection(error: unknown): boolean {
  return error instanceof DatabaseFault && error.connectionLost;
}

function codeOf(error: unknown): string {
  if (error instanceof DatabaseFault) return error.sqlState;
  return error instanceof Error ? error.name : 'UNEXPECTED';
}
