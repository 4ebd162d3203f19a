import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiParam, ApiQuery, ApiTags } from '@nestjs/swagger';
import { type FastifyReply } from 'fastify';
import { type Caller } from '../../auth/caller.js';
import { CurrentCaller } from '../../auth/current-caller.decorator.js';
import { RequiresScope } from '../../auth/requires-scope.decorator.js';
import { DELETE_USERS_DATA } from '../../auth/scopes.js';
import { subjectStatuses } from '../erasure-status.js';
import { type Acceptance, AcceptanceService } from './acceptance.service.js';
import { AcceptedDto, EraseDto } from './erase.dto.js';
import { idempotentCallOf } from './idempotent-call.js';
import { parseEraseBody } from './parse-erase-body.js';
import { parseStatusPage } from './status-page.js';
import { ErasureStatusDto } from './status.dto.js';
import { StatusService } from './status.service.js';
import { TakesIdempotencyKey } from './takes-idempotency-key.decorator.js';

const RETRY_AFTER_SECONDS = '2';

/** The two routes that existing clients know. */
@ApiTags('Erasure')
@Controller('api/public/bot/eraseUsersData')
export class ErasureController {
  constructor(
    private readonly acceptance: AcceptanceService,
    private readonly statuses: StatusService,
  ) {}

  @Post()
  @HttpCode(200)
  @RequiresScope(DELETE_USERS_DATA, { limit: 'erase', compatibleTokens: true })
  @ApiOperation({
    operationId: 'eraseUsersData',
    summary: "Erase users' data",
    description:
      'Accepts the call at once and erases in the background. `DELETE` is the same operation, also as `POST` with `x-http-method-override: DELETE`.',
  })
  @TakesIdempotencyKey()
  @ApiBody({ type: EraseDto })
  @ApiOkResponse({ type: AcceptedDto })
  async erase(
    @CurrentCaller() caller: Caller,
    @Body() body: unknown,
    @Headers('idempotency-key') key?: string,
  ): Promise<Acceptance> {
    const command = parseEraseBody(body, new Date());
    return this.acceptance.accept(caller, command, await idempotentCallOf(key, body));
  }

  @Delete()
  @HttpCode(200)
  @RequiresScope(DELETE_USERS_DATA, { limit: 'erase', compatibleTokens: true })
  @ApiOperation({
    operationId: 'deleteUsersData',
    summary: "Erase users' data",
    description: 'The same operation as `POST`, as existing clients send it.',
  })
  @TakesIdempotencyKey()
  @ApiBody({ type: EraseDto })
  @ApiOkResponse({ type: AcceptedDto })
  delete(
    @CurrentCaller() caller: Caller,
    @Body() body: unknown,
    @Headers('idempotency-key') key?: string,
  ): Promise<Acceptance> {
    return this.erase(caller, body, key);
  }

  @Get('status/:reqId')
  @RequiresScope(DELETE_USERS_DATA, { limit: 'read', compatibleTokens: true })
  @ApiOperation({
    operationId: 'eraseUsersDataStatus',
    summary: 'What became of a request, person by person',
  })
  @ApiParam({ name: 'reqId', description: 'The request id.' })
  @ApiQuery({ name: 'limit', required: false, schema: { type: 'integer', minimum: 1, maximum: 10_000 } })
  @ApiQuery({
    name: 'cursor',
    required: false,
    description: '`nextCursor` of an earlier answer.',
    type: String,
  })
  @ApiQuery({
    name: 'status',
    required: false,
    enum: subjectStatuses,
    description: 'Only entries with this status.',
  })
  @ApiOkResponse({ type: ErasureStatusDto })
  async status(
    @CurrentCaller() caller: Caller,
    @Param('reqId') requestId: string,
    @Query() query: Readonly<Record<string, unknown>>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ErasureStatusDto> {
    const report = await this.statuses.report(caller, requestId, parseStatusPage(query));
    if (report.status === 'in-progress') void reply.header('retry-after', RETRY_AFTER_SECONDS);
    return report;
  }
}
