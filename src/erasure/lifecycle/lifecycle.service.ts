import { Injectable } from '@nestjs/common';
import { type Caller } from '../../auth/caller.js';
import { ApiError, notFound } from '../../common/errors/api-error.js';
import { type ErasureStatusDto } from '../intake/status.dto.js';
import { StatusService } from '../intake/status.service.js';
import { MOST_ENTRIES } from '../intake/status-page.js';
import { CancellationService } from './cancellation.service.js';
import { type CancelledDto } from './cancel.dto.js';
import { type Actor } from '../changes/held-request.repository.js';
import { type RetriedDto } from './retry.dto.js';
import { RetryService } from './retry.service.js';

/** What a caller may do with a request of its account after it was accepted. */
@Injectable()
export class LifecycleService {
  constructor(
    private readonly cancellations: CancellationService,
    private readonly retries: RetryService,
    private readonly statuses: StatusService,
  ) {}

  /** @throws ApiError 404, the same for unknown and foreign ids; 409 once it is settled */
  async cancel(caller: Caller, requestId: string): Promise<CancelledDto> {
    const done = await this.cancellations.cancel(requestId, actorOf(caller));
    if (done.is === 'UNKNOWN') throw notFound();
    if (done.is === 'SETTLED')
      throw new ApiError(409, 'ALREADY_SETTLED', 'Nothing of the request is left to be cancelled');
    const page = { first: 0, limit: MOST_ENTRIES, status: null };
    const report: Fields<ErasureStatusDto> = await this.statuses.report(caller, requestId, page);
    return { ...report, cancelled: done.entries };
  }

  /** @throws ApiError 404, the same for unknown and foreign ids; 409 while it is in progress, or when nothing is to be retried */
  async retry(caller: Caller, requestId: string): Promise<RetriedDto> {
    const done = await this.retries.retry(requestId, actorOf(caller));
    switch (done.is) {
      case 'UNKNOWN':
        throw notFound();
      case 'IN_PROGRESS':
        throw new ApiError(409, 'STILL_IN_PROGRESS', 'The request is still in progress');
      case 'NOTHING':
        throw new ApiError(409, 'NOTHING_TO_RETRY', 'Nothing of the request is to be tried again');
      case 'OPENED':
        return { requestId, status: 'in-progress', round: done.round, retried: done.entries };
    }
  }
}

/** As the wire has it: no class. */
type Fields<Dto> = Pick<Dto, keyof Dto>;

function actorOf({ accountId, clientId }: Caller): Actor {
  return { accountId, name: clientId };
}
