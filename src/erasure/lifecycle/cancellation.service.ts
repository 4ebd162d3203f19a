import { Injectable } from '@nestjs/common';
import { EventLog } from '../../common/logging/event-log.js';
import { defineEvent } from '../../common/logging/event.js';
import { countEnded } from '../roll-up/count-ended.js';
import { CancelRepository } from '../changes/cancel.repository.js';
import { type Actor, HeldRequestRepository } from '../changes/held-request.repository.js';
import { RequestChanges } from '../changes/request-changes.js';
import { triedAgain } from '../changes/tried-again.js';

/** What became of a request that was to be cancelled. */
export type Cancellation =
  | { readonly is: 'UNKNOWN' }
  /** Nothing of it was left to be done. */
  | { readonly is: 'SETTLED' }
  /** Entries that were cancelled now, and those that had begun and are being finished. */
  | { readonly is: 'CANCELLED'; readonly entries: number; readonly inProgress: number };

const cancelled = defineEvent('erasure.request.cancelled', { requestId: 'id', entries: 'count' });

/** Cancels requests: what has not begun is never begun, what has begun is finished. */
@Injectable()
export class CancellationService {
  constructor(
    private readonly requests: HeldRequestRepository,
    private readonly rows: CancelRepository,
    private readonly changes: RequestChanges,
    private readonly log: EventLog,
  ) {}

  /**
   * Decided under the lock of the request, so that planning, claiming, settling and a second cancel come before or after;
   * tried again for some seconds while one of them has its row.
   * Returns when all entries have followed; where it throws before, workers see to that.
   */
  async cancel(requestId: string, actor: Actor): Promise<Cancellation> {
    for (;;) {
      const { done, through } = await triedAgain(() => this.decide(requestId, actor));
      if (done?.is === 'CANCELLED') this.log.info(cancelled, { requestId, entries: done.entries });
      if (!through) await this.changes.finish(requestId);
      if (done) return done;
    }
  }

  /** `done` is null while another change has to come to its end first. */
  private async decide(requestId: string, actor: Actor): Promise<Decision> {
    return this.requests.inTransaction('cancel', async (manager): Promise<Decision> => {
      const request = await this.requests.hold(manager, requestId, actor);
      if (!request) return { done: { is: 'UNKNOWN' }, through: true };
      if (request.settled) return { done: { is: 'SETTLED' }, through: true };
      if (request.changing) return { done: null, through: false };
      const { entries, begun } = await this.rows.decide(manager, requestId);
      if (entries > 0) {
        await this.requests.record(manager, request, 'CANCEL', entries, actor);
        countEnded(manager, [{ status: 'CANCELLED', reason: null, entries }]);
      }
      const through = await this.changes.step(
        manager,
        { ...request, changing: 'CANCEL' },
        this.changes.begin(),
      );
      const settled = entries + begun === 0;
      return {
        done: settled ? { is: 'SETTLED' } : { is: 'CANCELLED', entries, inProgress: begun },
        through,
      };
    });
  }
}

interface Decision {
  readonly done: Cancellation | null;
  /** No entry has still to follow. */
  readonly through: boolean;
}
