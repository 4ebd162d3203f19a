import { Injectable } from '@nestjs/common';
import { EventLog } from '../../common/logging/event-log.js';
import { defineEvent } from '../../common/logging/event.js';
import { WorkQueue } from '../queue/work-queue.js';
import { type Actor, HeldRequestRepository } from './held-request.repository.js';
import { RetryRepository } from './retry.repository.js';

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
    private readonly queue: WorkQueue,
    private readonly log: EventLog,
  ) {}

  /** Under the lock of the request: of two at once one opens the round, and the other finds it open. */
  async retry(requestId: string, actor: Actor): Promise<Retry> {
    const done = await this.requests.inTransaction('retry', async (manager): Promise<Retry> => {
      const request = await this.requests.hold(manager, requestId, actor);
      if (!request) return { is: 'UNKNOWN' };
      if (!request.settled) return { is: 'IN_PROGRESS' };
      const entries = await this.rows.keepAttempts(manager, requestId, request.round);
      if (entries === 0) return { is: 'NOTHING' };
      await this.rows.open(manager, requestId);
      const round = request.round + 1;
      await this.requests.record(manager, { id: requestId, round }, 'RETRY', entries, actor);
      return { is: 'OPENED', entries, round };
    });
    if (done.is !== 'OPENED') return done;
    this.log.info(retried, { requestId, entries: done.entries, round: done.round });
    await this.queue.announce([requestId]);
    return done;
  }
}
