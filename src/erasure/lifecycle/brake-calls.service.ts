import { Injectable } from '@nestjs/common';
import { type Caller } from '../../auth/caller.js';
import { ApiError, notFound } from '../../common/errors/api-error.js';
import { BrakeService, type BrakeOutcome } from './brake.service.js';
import { type PauseTarget } from './pause.repository.js';
import { parsePauseBody } from './parse-pause-body.js';
import { type BrakeDto } from './pause.dto.js';

/** What a client app may do to the brake: to its own account, or to a request of it. */
@Injectable()
export class BrakeCalls {
  constructor(private readonly brake: BrakeService) {}

  /** @throws ApiError 412; 404 for another account's, unknown or not; 409 for a request that is settled */
  async pause(caller: Caller, body: Readonly<Record<string, unknown>>): Promise<BrakeDto> {
    const { target, reason } = parsePauseBody(body, caller.accountId, true);
    return answer(target, await this.brake.pause(target, reason, actorOf(caller)));
  }

  /** What is not paused may be resumed. @throws ApiError 412, 404 */
  async resume(caller: Caller, body: Readonly<Record<string, unknown>>): Promise<BrakeDto> {
    const { target } = parsePauseBody(body, caller.accountId, false);
    return answer(target, await this.brake.resume(target, actorOf(caller)));
  }
}

function answer({ accountId, requestId }: PauseTarget, outcome: BrakeOutcome): BrakeDto {
  if (outcome.is === 'UNKNOWN') throw notFound();
  if (outcome.is === 'SETTLED')
    throw new ApiError(409, 'ALREADY_SETTLED', 'Nothing of the request is left to be paused');
  const { held } = outcome;
  return {
    ...(requestId === null ? { accountId: accountId ?? '' } : { requestId }),
    paused: held && { since: held.since.toISOString(), by: held.by },
  };
}

function actorOf({ accountId, clientId }: Caller) {
  return { accountId, name: clientId };
}
