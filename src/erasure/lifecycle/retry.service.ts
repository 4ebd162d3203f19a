import { Injectable } from '@nestjs/common';
import { EventLog } from '../../common/logging/event-log.js';
import { defineEvent } from '../../common/logging/event.js';
import { WorkQueue } from '../queue/work-queue.js';
import { type Actor, HeldRequestRepository } from '../changes/held-request.repository.js';
import { RequestChanges } from '../changes/request-changes.js';
import { triedAgain } from '../changes/tried-again.js';
import { RetryRepository } from '../changes/retry.repository.js';

/** What became of a request that was to be tried again. */
export type Retry =
  | { readonly is: 'UNKNOWN' }
  | { readonly is: 'IN_PROGRESS' }
  /** Everyone of it is erased, was not found or was cancelled. */
  | { readonly is: 'NOTHING' }
  | { readonly is: 'OPENED'; readonly entries: number; readonly round: number };

const retried = defineEvent('erasure.request.retried', { requestId: 'id', entries: 'count', round: 'count' });

/** Tries requests again: who ended FAILED, PROTECTED or AMBIGUOUS is judged again in a new round. */
@Injectable()
export class RetryService {
  constructor(
    private readonly requests: HeldRequestRepository,
    private readonly rows: RetryRepository,
    private readonly changes: RequestChanges,
    private readonly queue: WorkQueue,
    private readonly log: EventLog,
  ) {}

  /**
   * Decided under the lock of the request: of two at once one opens the round, and the other finds it open. Returns when all
   * entries have followed; where it throws before, workers see to that.
   */
  async retry(requestId: string, actor: Actor): Promise<Retry> {
    const { done, through } = await triedAgain(() => this.decide(requestId, actor));
    if (done.is !== 'OPENED') return done;
    this.log.info(retried, { requestId, entries: done.entries, round: done.round });
    if (!through) await this.changes.finish(requestId);
    await this.queue.announce([requestId]);
    return done;
  }

  private async decide(requestId: string, actor: Actor): Promise<Decision> {
    return this.requests.inTransaction('retry', async (manager): Promise<Decision> => {
      const request = await this.requests.hold(manager, requestId, actor);
      if (!request) return { done: { is: 'UNKNOWN' }, through: true };
      if (!request.settled) return { done: { is: 'IN_PROGRESS' }, through: true };
      const { entries } = await this.rows.decide(manager, requestId);
      if (entries === 0) return { done: { is: 'NOTHING' }, through: true };
      const opened = { ...request, round: request.round + 1, changing: 'RETRY' } as const;
      await this.requests.record(manager, opened, 'RETRY', entries, actor);
      const through = await this.changes.step(manager, opened, this.changes.begin());
      return { done: { is: 'OPENED', entries, round: opened.round }, through };
    });
  }
}

interface Decision {
  readonly done: Retry;
  /** No entry has still to follow. */
  readonly through: boolean;
}
