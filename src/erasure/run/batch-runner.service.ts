import { Injectable } from '@nestjs/common';
import { EventLog } from '../../common/logging/event-log.js';
import { defineEvent } from '../../common/logging/event.js';
import { Settings } from '../../config/settings.js';
import { DatabaseFault } from '../../database/database-fault.js';
import { BatchRows } from './batch-rows.js';
import { type BatchClaim, ClaimLost, Stopping } from './claim.js';
import { ErasingDesk } from './erasing-desk.js';
import { GroupEraser } from './group-eraser.service.js';
import { type Job, type Person } from './job.js';
import { type Outcome } from './outcome.repository.js';

const personFailed = defineEvent('erasure.person.failed', { requestId: 'id', personId: 'id', code: 'code' });
const settled = defineEvent('erasure.batch.settled', {
  requestId: 'id',
  batchId: 'id',
  persons: 'count',
  ms: 'ms',
});

/** Runs one claimed batch to its end. */
@Injectable()
export class BatchRunner {
  constructor(
    private readonly rows: BatchRows,
    private readonly desk: ErasingDesk,
    private readonly groups: GroupEraser,
    private readonly settings: Settings,
    private readonly log: EventLog,
  ) {}

  /**
   * When this returns, everyone of the batch has ended.
   *
   * @throws ClaimLost, Stopping; DatabaseFault for what may pass, to be tried again later
   */
  async run(claim: BatchClaim, stopping: () => boolean): Promise<void> {
    const began = performance.now();
    const { job, persons, altered } = await this.rows.open(claim, stopping);
    if (altered.length > 0)
      await this.desk.settle(
        job,
        altered.map((person): Outcome => ({ person, status: 'FAILED', reason: 'INTEGRITY' })),
      );
    for (let first = 0; first < persons.length;) {
      const group = persons.slice(first, first + job.sizes.persons);
      await this.eraseDividing(job, group);
      first += group.length;
    }
    await this.desk.finish(claim);
    this.log.info(settled, {
      requestId: claim.requestId,
      batchId: claim.batchId,
      persons: persons.length,
      ms: Math.round(performance.now() - began),
    });
  }

  /** One person whose rows can't be erased must not fail the others: halves the group until that one is found. */
  private async eraseDividing(job: Job, group: readonly Person[]): Promise<void> {
    try {
      await this.groups.erase(job, group);
    } catch (error) {
      if (error instanceof ClaimLost || error instanceof Stopping) throw error;
      const fault = error instanceof DatabaseFault ? error : null;
      if (fault && (fault.connectionLost || (this.mayPass(fault) && !this.isLastAttempt(job)))) throw error;
      const open = await this.rows.stillOpen(job.claim, group);
      if (open.length > 1) {
        const middle = Math.ceil(open.length / 2);
        await this.eraseDividing(job, open.slice(0, middle));
        await this.eraseDividing(job, open.slice(middle));
      } else if (open[0]) {
        await this.fail(job, open[0], fault);
      }
    }
  }

  private async fail(job: Job, { id }: Person, fault: DatabaseFault | null): Promise<void> {
    const reason = fault && this.mayPass(fault) ? 'STORE_UNREACHABLE' : 'STORE_REFUSED';
    await this.desk.settle(job, [{ person: id, status: 'FAILED', reason }]);
    this.log.error(personFailed, {
      requestId: job.claim.requestId,
      personId: id,
      code: fault?.sqlState ?? 'UNEXPECTED',
    });
  }

  /** A foreign key that objects is one that somebody has just used: the next look sees the row. */
  private mayPass(fault: DatabaseFault): boolean {
    return fault.transient || fault.sqlState === '23503';
  }

  private isLastAttempt({ claim }: Job): boolean {
    return claim.attempts + 1 >= this.settings.batchAttempts;
  }
}
