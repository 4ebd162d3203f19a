import { Controller, Headers, HttpCode, Post, Req } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiExtraModels,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import { type FastifyRequest } from 'fastify';
import { type Caller } from '../../auth/caller.js';
import { CurrentCaller } from '../../auth/current-caller.decorator.js';
import { RequiresScope } from '../../auth/requires-scope.decorator.js';
import { AddRouteConfig } from '../../auth/route-policy.js';
import { ERASE_IN_BULK } from '../../auth/scopes.js';
import { type JsonLines } from '../../common/json-lines.js';
import { type Acceptance } from './acceptance.service.js';
import { BulkAcceptanceService } from './bulk-acceptance.service.js';
import { BulkLines } from './bulk-lines.js';
import { AcceptedDto, EraseHeadDto } from './erase.dto.js';
import { limits } from './erase-command.js';
import { idempotencyKeyOf } from './idempotent-call.js';
import { TakesIdempotencyKey } from './takes-idempotency-key.decorator.js';
import { entrySchema } from './user-entry.dto.js';

const BODY_BYTES = 512 * 1024 * 1024;

/** Up to a million entries in one request. */
@ApiTags('Erasure')
@Controller('api/public/bot/eraseUsersData/bulk')
export class BulkController {
  constructor(private readonly acceptance: BulkAcceptanceService) {}

  @Post()
  @HttpCode(200)
  @RequiresScope(ERASE_IN_BULK, { limit: 'bulk' })
  @AddRouteConfig({ bodyLimit: BODY_BYTES, lines: true })
  @ApiOperation({
    operationId: 'eraseUsersDataInBulk',
    summary: "Erase many users' data",
    description: `Takes a stream: the first line is the head, the body of an erase call without \`userIds\` (\`EraseHeadDto\`), and each further line one entry, as in \`userIds\`; up to ${limits.bulkEntries} of them, 64 KiB a line and 512 MiB in all. All of them are accepted, or none. No line may be blank.`,
  })
  @TakesIdempotencyKey()
  @ApiConsumes('application/x-ndjson')
  @ApiExtraModels(EraseHeadDto)
  @ApiBody({
    description: 'Each line is one of these.',
    schema: { oneOf: [{ $ref: getSchemaPath(EraseHeadDto) }, ...entrySchema.oneOf] },
  })
  @ApiOkResponse({ type: AcceptedDto })
  erase(
    @CurrentCaller() caller: Caller,
    @Req() request: FastifyRequest,
    @Headers('idempotency-key') header?: string,
  ): Promise<Acceptance> {
    const { body, longCall } = request;
    if (longCall === undefined) throw new Error('the door did not let this call in');
    const key = idempotencyKeyOf(header);
    const lines = new BulkLines((body as JsonLines | undefined) ?? null, key !== null);
    return this.acceptance.accept(caller, lines, key, longCall);
  }
}
