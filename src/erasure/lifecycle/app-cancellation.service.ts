import { Injectable } from '@nestjs/common';
import { DatabaseFault } from '../../database/database-fault.js';
import { eachByItself } from '../each-by-itself.js';
import { type Actor } from '../changes/held-request.repository.js';
import { CancellationService } from './cancellation.service.js';
import { type OpenRequestRow, OpenRequestsRepository } from './open-requests.repository.js';

/** What was cancelled of an app's requests. */
export interface CancelledRequests {
  /** Ids of those of which something was cancelled. */
  readonly requests: readonly string[];
  readonly cancelled: number;
  /** Entries of all its requests looked at that had begun, and are being finished. */
  readonly inProgress: number;
  /** Ids of those that could not be cancelled, or of which that can't be told. */
  readonly left: readonly string[];
  /** Why the others were not even looked at, if there are any: without a database there is nothing to be done. */
  readonly brokenOff: Error | null;
}

const AT_ONCE = 100;

/** Cancels everything of an app that can still be cancelled: for one that was stolen, or gone mad. */
@Injectable()
export class AppCancellationService {
  constructor(
    private readonly requests: OpenRequestsRepository,
    private readonly cancellations: CancellationService,
  ) {}

  /**
   * Each request in a transaction of its own; one that fails keeps none of the others. Never throws: what was cancelled is to
   * be told whatever happens then.
   *
   * @param since when the first of them was accepted
   */
  async cancelSince(clientId: string, since: Date, actor: Actor): Promise<CancelledRequests> {
    const ids: string[] = [];
    let [cancelled, inProgress] = [0, 0];
    const left = new Set<string>();
    const cancel = async (id: string): Promise<void> => {
      const done = await this.cancellations.cancel(id, actor);
      left.delete(id);
      if (done.is !== 'CANCELLED') return;
      if (done.entries > 0) ids.push(id);
      cancelled += done.entries;
      inProgress += done.inProgress;
    };
    let brokenOff: Error | null = null;
    try {
      let last: OpenRequestRow | null = null;
      do {
        const page: readonly OpenRequestRow[] = await this.requests.of(clientId, since, last, AT_ONCE);
        last = page.at(-1) ?? null;
        for (const { id } of page) left.add(id);
        await eachByItself(
          page.map(
            ({ id }) =>
              () =>
                cancel(id),
          ),
        ).catch(unlessLost);
      } while (last !== null);
    } catch (error) {
      brokenOff = error instanceof Error ? error : new Error('failed');
    }
    return { requests: ids, cancelled, inProgress, left: [...left], brokenOff };
  }
}

/** A request that refuses to be cancelled is among those that are left; the next page has nothing to do with it. */
function unlessLost(error: unknown): void {
  if (!(error instanceof DatabaseFault) || error.connectionLost) throw error;
}
