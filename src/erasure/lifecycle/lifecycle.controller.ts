import { Controller, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { type Caller } from '../../auth/caller.js';
import { CurrentCaller } from '../../auth/current-caller.decorator.js';
import { RequiresScope } from '../../auth/requires-scope.decorator.js';
import { DELETE_USERS_DATA } from '../../auth/scopes.js';
import { ApiConflict } from '../conflict.decorator.js';
import { CancelledDto } from './cancel.dto.js';
import { LifecycleService } from './lifecycle.service.js';
import { RetriedDto } from './retry.dto.js';
import { NoBodyGuard } from './no-body.guard.js';

/** Changing the course of a request that was accepted. Never held up by the limits of rate. */
@ApiTags('Erasure')
@Controller('api/public/bot/eraseUsersData/requests/:requestId')
@UseGuards(NoBodyGuard)
export class LifecycleController {
  constructor(private readonly lifecycle: LifecycleService) {}

  @Post('cancel')
  @HttpCode(200)
  @RequiresScope(DELETE_USERS_DATA, { limit: null })
  @ApiOperation({
    operationId: 'cancelEraseUsersData',
    summary: 'Cancel what has not begun',
    description:
      'Entries that are PENDING become CANCELLED; what has begun is finished, and the answer says which is which. Needs no body.',
  })
  @ApiParam({ name: 'requestId', description: 'The request id.' })
  @ApiOkResponse({ type: CancelledDto })
  @ApiNotFoundResponse({
    description: 'The account has no such request',
    schema: { $ref: '#/components/schemas/ErrorAnswer' },
  })
  @ApiConflict({ ALREADY_SETTLED: 'nothing of the request is left to be cancelled' })
  cancel(@CurrentCaller() caller: Caller, @Param('requestId') requestId: string): Promise<CancelledDto> {
    return this.lifecycle.cancel(caller, requestId);
  }

  @Post('retry')
  @HttpCode(200)
  @RequiresScope(DELETE_USERS_DATA, { limit: null })
  @ApiOperation({
    operationId: 'retryEraseUsersData',
    summary: 'Judge again who was not erased',
    description:
      'Entries that are FAILED, PROTECTED or AMBIGUOUS are judged again in a new round; how they ended before stands in `attempts`. `dueOn` stays. Needs no body.',
  })
  @ApiParam({ name: 'requestId', description: 'The request id.' })
  @ApiOkResponse({ type: RetriedDto })
  @ApiNotFoundResponse({
    description: 'The account has no such request',
    schema: { $ref: '#/components/schemas/ErrorAnswer' },
  })
  @ApiConflict({
    STILL_IN_PROGRESS: 'the round before has not ended',
    NOTHING_TO_RETRY: 'nobody of the request is FAILED, PROTECTED or AMBIGUOUS',
  })
  retry(@CurrentCaller() caller: Caller, @Param('requestId') requestId: string): Promise<RetriedDto> {
    return this.lifecycle.retry(caller, requestId);
  }
}
