import { ApiExtraModels, ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { type UserEntry } from '../../users/user-reference.js';
import { limits } from './erase-command.js';
import {
  EmailEntryDto,
  EnterpriseIdEntryDto,
  entrySchema,
  IdentityEntryDto,
  UserIdEntryDto,
} from './user-entry.dto.js';

/** An erase call without its entries; the first line of a bulk call. Checked by `parseEraseHead`. */
export class EraseHeadDto {
  @ApiPropertyOptional({
    type: 'array',
    minItems: 1,
    maxItems: limits.botIds,
    items: { type: 'string', minLength: 1, maxLength: limits.idLength },
    example: ['st-1'],
    description: 'In which bots. Required unless RemoveDataFromAllBots is true, and ignored then.',
  })
  botIds?: string[];

  @ApiPropertyOptional({
    default: false,
    description:
      'In all bots of the account, with the profile and identities. Also spelled removeDataFromAllBots.',
  })
  RemoveDataFromAllBots?: boolean;

  @ApiPropertyOptional({ description: 'Another spelling of RemoveDataFromAllBots; both must agree.' })
  removeDataFromAllBots?: boolean;

  @ApiPropertyOptional({
    minLength: 1,
    maxLength: limits.referenceLength,
    description: 'A case number of your own.',
  })
  reference?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'When the person asked; now when absent.' })
  receivedOn?: string;

  @ApiPropertyOptional({
    format: 'date-time',
    description: `Nothing is done before; at most ${limits.notBeforeDays} days ahead.`,
  })
  notBefore?: string;
}

/** The body of an erase call. Checked by `parseEraseBody`; this class describes it. */
@ApiExtraModels(UserIdEntryDto, EmailEntryDto, EnterpriseIdEntryDto, IdentityEntryDto)
export class EraseDto extends EraseHeadDto {
  @ApiProperty({
    type: 'array',
    minItems: 1,
    maxItems: limits.userIds,
    items: entrySchema,
    example: ['jane@example.com', 'cs-1/jane', { channelId: 'facebook', channelUserId: '4477009' }],
    description: 'Whose data goes. An entry that fits several users erases nobody; send its typed form.',
  })
  userIds!: UserEntry[];
}

/** The answer to an accepted call. */
export class AcceptedDto {
  @ApiProperty({ example: 'eud-0d3f2a6e-6d0c-4c52-9d0f-0d4c1b4f1a77' })
  requestId!: string;

  @ApiProperty({ enum: ['in-progress'] })
  status!: 'in-progress';
}
