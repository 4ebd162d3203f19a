import { Injectable } from '@nestjs/common';
import { CancellationService } from './cancellation.service.js';
import { type Actor } from '../changes/held-request.repository.js';
import { type OpenRequestRow, OpenRequestsRepository } from './open-requests.repository.js';

/** What was cancelled of an app's requests. */
export interface CancelledRequests {
  /** Ids of those of which something was cancelled. */
  readonly requests: readonly string[];
  readonly cancelled: number;
  /** Entries of all its requests looked at that had begun, and are being finished. */
  readonly inProgress: number;
}

const AT_ONCE = 100;

/** Cancels everything of an app that can still be cancelled: for one that was stolen, or gone mad. */
@Injectable()
export class AppCancellationService {
  constructor(
    private readonly requests: OpenRequestsRepository,
    private readonly cancellations: CancellationService,
  ) {}

  /** Each request in a transaction of its own. @param since when the first of them was accepted */
  async cancelSince(clientId: string, since: Date, actor: Actor): Promise<CancelledRequests> {
    const ids: string[] = [];
    let [cancelled, inProgress] = [0, 0];
    let last: OpenRequestRow | null = null;
    do {
      const page: readonly OpenRequestRow[] = await this.requests.of(clientId, since, last, AT_ONCE);
      last = page.at(-1) ?? null;
      for (const { id } of page) {
        const done = await this.cancellations.cancel(id, actor);
        if (done.is !== 'CANCELLED') continue;
        if (done.entries > 0) ids.push(id);
        cancelled += done.entries;
        inProgress += done.inProgress;
      }
    } while (last !== null);
    return { requests: ids, cancelled, inProgress };
  }
}
