import { Injectable } from '@nestjs/common';
import { EventLog } from '../../common/logging/event-log.js';
import { defineEvent } from '../../common/logging/event.js';
import { countEnded } from '../run/count-ended.js';
import { RollUpRepository } from '../run/roll-up.repository.js';
import { CancelRepository } from './cancel.repository.js';
import { type Actor, HeldRequestRepository } from './held-request.repository.js';

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
    private readonly rollUps: RollUpRepository,
    private readonly log: EventLog,
  ) {}

  /** Under the lock of the request, so that planning, claiming, settling and a second cancel come before or after. */
  async cancel(requestId: string, actor: Actor): Promise<Cancellation> {
    const done = await this.requests.inTransaction('cancel', async (manager): Promise<Cancellation> => {
      const request = await this.requests.hold(manager, requestId, actor);
      if (!request) return { is: 'UNKNOWN' };
      if (request.settled) return { is: 'SETTLED' };
      const entries = await this.rows.cancelPending(manager, requestId);
      const status = await this.rollUps.rollUp(manager, requestId);
      if (entries === 0 && status !== 'in-progress') return { is: 'SETTLED' };
      if (entries > 0) {
        await this.requests.record(manager, request, 'CANCEL', entries, actor);
        countEnded(manager, [{ status: 'CANCELLED', reason: null, entries }]);
      }
      return { is: 'CANCELLED', entries, inProgress: await this.rows.countBegun(manager, requestId) };
    });
    if (done.is === 'CANCELLED') this.log.info(cancelled, { requestId, entries: done.entries });
    return done;
  }
}
