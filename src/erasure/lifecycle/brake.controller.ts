import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBody, ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Caller } from '../../auth/caller.js';
import { CurrentCaller } from '../../auth/current-caller.decorator.js';
import { RequiresScope } from '../../auth/requires-scope.decorator.js';
import { PAUSE } from '../../auth/scopes.js';
import { ApiConflict } from '../conflict.decorator.js';
import { BrakeCalls } from './brake-calls.service.js';
import { BrakeDto, PauseDto, ResumeDto } from './pause.dto.js';

const unknown = {
  description: 'Not of your account, or not there',
  schema: { $ref: '#/components/schemas/ErrorAnswer' },
};

/** The brake. Never held up by the limits of rate. */
@ApiTags('Administration')
@Controller('api/admin')
export class BrakeController {
  constructor(private readonly calls: BrakeCalls) {}

  @Post('pause')
  @HttpCode(200)
  @RequiresScope(PAUSE, { limit: null })
  @ApiOperation({
    operationId: 'pause',
    summary: 'Let the work of the account, or of one request, rest',
    description:
      'Holds within one chunk of work in every process. Calls are still accepted. What is paused already stays as it is.',
  })
  @ApiBody({ type: PauseDto })
  @ApiOkResponse({ type: BrakeDto })
  @ApiNotFoundResponse(unknown)
  @ApiConflict({ ALREADY_SETTLED: 'nothing of the request is left to be paused' })
  pause(@CurrentCaller() caller: Caller, @Body() body: Readonly<Record<string, unknown>>): Promise<BrakeDto> {
    return this.calls.pause(caller, body);
  }

  @Post('resume')
  @HttpCode(200)
  @RequiresScope(PAUSE, { limit: null })
  @ApiOperation({
    operationId: 'resume',
    summary: 'Let the work go on',
    description:
      'Ends the pause of exactly what is named; `paused` in the answer says whether another still holds it.',
  })
  @ApiBody({ type: ResumeDto })
  @ApiOkResponse({ type: BrakeDto })
  @ApiNotFoundResponse(unknown)
  resume(
    @CurrentCaller() caller: Caller,
    @Body() body: Readonly<Record<string, unknown>>,
  ): Promise<BrakeDto> {
    return this.calls.resume(caller, body);
  }
}
