import { Injectable } from '@nestjs/common';
import { EventLog } from '../../common/logging/event-log.js';
import { defineEvent } from '../../common/logging/event.js';
import { workCounters } from '../../common/metrics/work-counters.js';
import { Settings } from '../../config/settings.js';
import { DatabaseFault } from '../../database/database-fault.js';
import { BatchRows } from './batch-rows.js';
import { type BatchClaim, ClaimLost, Stopping } from './claim.js';
import { ErasingDesk } from './erasing-desk.js';
import { GroupEraser } from './group-eraser.service.js';
import { type Job, type Person } from './job.js';
import { type Outcome } from './outcome.repository.js';
import { type Turn } from './turn.js';

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
   * When this returns, everyone of the batch has ended. Whoever could not be erased keeps nobody else waiting: the others end
   * first, and those who are left are tried again, by another claim, until the attempts are used up.
   *
   * @throws ClaimLost, Stopping; what kept somebody from being erased, to be tried again later
   */
  async run(claim: BatchClaim, turn: Turn): Promise<void> {
    const began = performance.now();
    const { job, persons, altered } = await this.rows.open(claim, turn);
    if (altered.length > 0)
      await this.desk.settle(
        job,
        altered.map((person): Outcome => ({ person, status: 'FAILED', reason: 'INTEGRITY' })),
      );
    const failures: Error[] = [];
    for (let first = 0; first < persons.length;) {
      const group = persons.slice(first, first + job.sizes.persons);
      failures.push(...(await this.eraseDividing(job, group)));
      first += group.length;
    }
    if (failures[0]) throw failures[0];
    await this.desk.finish(job);
    workCounters.batchSeconds.observe((performance.now() - began) / 1_000);
    this.log.info(settled, {
      requestId: claim.requestId,
      batchId: claim.batchId,
      persons: persons.length,
      ms: Math.round(performance.now() - began),
    });
  }

  /**
   * One person whose rows can't be erased must not fail the others: halves the group until that one is found. What would
   * meet all of them alike is left to the next attempt, whole; only the last one looks for who is left to fail.
   *
   * @returns why some are left to the next attempt
   */
  private async eraseDividing(job: Job, group: readonly Person[]): Promise<readonly Error[]> {
    try {
      await this.groups.erase(job, group);
      return [];
    } catch (error) {
      if (!(error instanceof Error) || error instanceof ClaimLost || error instanceof Stopping) throw error;
      const fault = error instanceof DatabaseFault ? error : null;
      if (fault?.connectionLost) throw error;
      if (fault && this.meetsAll(fault) && !this.isLastAttempt(job)) return [error];
      const open = await this.rows.stillOpen(job.claim, group);
      if (open.length > 1) {
        const middle = Math.ceil(open.length / 2);
        return [
          ...(await this.eraseDividing(job, open.slice(0, middle))),
          ...(await this.eraseDividing(job, open.slice(middle))),
        ];
      }
      if (!open[0]) return [];
      if (!this.isLastAttempt(job)) return [error];
      await this.fail(job, open[0], fault);
      return [];
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

  /** Time-outs, locks, resources; a right or a table that is missing. */
  private meetsAll(fault: DatabaseFault): boolean {
    return this.mayPass(fault) || fault.sqlState.startsWith('42');
  }

  private isLastAttempt({ claim }: Job): boolean {
    return claim.attempts + 1 >= this.settings.batchAttempts;
  }
}
