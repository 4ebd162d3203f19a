import { Injectable } from '@nestjs/common';
import { EventLog } from '../../common/logging/event-log.js';
import { defineEvent } from '../../common/logging/event.js';
import { reachFaultPoint } from '../../config/fault-points.js';
import { Settings } from '../../config/settings.js';
import { DatabaseFault } from '../../database/database-fault.js';
import { StoresService } from '../../stores/stores.service.js';
import { WorkQueue } from '../queue/work-queue.js';
import { type BatchClaim, ClaimLost, type PlanClaim, Stopping } from './claim.js';
import { ClaimableWork } from './claimable-work.js';

const batchReleased = defineEvent('erasure.batch.released', { requestId: 'id', batchId: 'id', code: 'code' });
const planReleased = defineEvent('erasure.plan.released', { requestId: 'id', code: 'code' });
const planned = defineEvent('erasure.request.planned', { requestId: 'id', batches: 'count' });

const LONGEST_BACK_OFF_MS = 60_000;

/** Takes the next piece of work there is and does it. */
@Injectable()
export class WorkFinder {
  constructor(
    private readonly work: ClaimableWork,
    private readonly stores: StoresService,
    private readonly queue: WorkQueue,
    private readonly settings: Settings,
    private readonly log: EventLog,
  ) {}

  /**
   * Plans one request or runs one batch; false when there is nothing to do. While the platform has drifted from the data
   * map, nothing is planned or erased: what waits goes on waiting.
   *
   * @throws DatabaseFault when the database can't be asked for work
   */
  async workOnce(worker: string, stopping: () => boolean): Promise<boolean> {
    if (stopping() || this.stores.state !== 'fits') return false;
    const plan = await this.work.claims.claimPlanning(worker);
    if (plan) return this.plan(plan, stopping);
    const batch = await this.work.claims.claimBatch(worker, this.stores.dataMapHash);
    return batch ? this.run(batch, stopping) : false;
  }

  private async plan(claim: PlanClaim, stopping: () => boolean): Promise<boolean> {
    try {
      const batches = await this.work.planner.plan(claim, stopping);
      this.log.info(planned, { requestId: claim.requestId, batches: batches.length });
      await this.queue.announce(batches);
      await reachFaultPoint('finish-planning:announced');
    } catch (error) {
      if (error instanceof ClaimLost) return true;
      const failed = !(error instanceof Stopping);
      await this.work.claims.releasePlanning(claim, failed ? this.backOff(claim.attempts) : 0, failed);
      if (failed) this.log.warn(planReleased, { requestId: claim.requestId, code: codeOf(error) });
    }
    return true;
  }

  private async run(claim: BatchClaim, stopping: () => boolean): Promise<boolean> {
    try {
      await this.work.runner.run(claim, stopping);
    } catch (error) {
      if (error instanceof ClaimLost) return true;
      const stopped = error instanceof Stopping;
      // A connection that was lost says nothing about the batch: it is no attempt.
      const lost = error instanceof DatabaseFault && error.connectionLost;
      const code = stopped || lost ? null : codeOf(error);
      await this.work.claims.releaseBatch(claim, stopped ? 0 : this.backOff(claim.attempts), code);
      if (!stopped)
        this.log.warn(batchReleased, {
          requestId: claim.requestId,
          batchId: claim.batchId,
          code: codeOf(error),
        });
    }
    return true;
  }

  /** Doubles with every attempt; of random length, so that those who collided don't meet again. */
  private backOff(attempts: number): number {
    const longest = Math.min(this.settings.retryBackoffMs * 2 ** attempts, LONGEST_BACK_OFF_MS);
    return longest * (0.5 + Math.random() / 2);
  }
}

function codeOf(error: unknown): string {
  if (error instanceof DatabaseFault) return error.sqlState;
  return error instanceof Error ? error.name : 'UNEXPECTED';
}
