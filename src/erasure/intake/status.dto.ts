import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { HoldingDto } from './holding.dto.js';
import { type WaitReason, waitReasons } from '../run/pace/waiting.js';
import { type RequestStatus, requestStatuses } from '../erasure-status.js';
import { SubjectDto } from './subject.dto.js';

const counts = { type: 'object', additionalProperties: { type: 'integer' } } as const;

/** What the request does not erase, and why. */
export class NotCoveredDto {
  @ApiProperty({ example: 'platform.data_table_rows' })
  collection!: string;

  @ApiProperty({ example: 'written by bots, tied to no person' })
  reason!: string;
}

/** Why erasing rests at the moment. */
export class WaitingDto {
  @ApiProperty({
    enum: waitReasons,
    enumName: 'WaitReason',
    description:
      'REPLICA_LAG: a standby of the database is too far behind. LOCK_WAITERS: other sessions wait for locks that erasing holds.',
  })
  reason!: WaitReason;

  @ApiProperty({ format: 'date-time' })
  since!: string;
}

/** How far a request is, in entries. */
export class ProgressDto {
  @ApiProperty({ type: 'integer' })
  total!: number;

  @ApiProperty({ type: 'integer', description: 'Entries that have ended.' })
  done!: number;
}

/** What became of a request, and of each of its entries. */
@ApiExtraModels(SubjectDto)
export class ErasureStatusDto {
  @ApiProperty({ description: 'The request id.', example: 'eud-0d3f2a6e-6d0c-4c52-9d0f-0d4c1b4f1a77' })
  _id!: string;

  @ApiProperty({ format: 'date-time' })
  createdOn!: string;

  @ApiProperty({
    format: 'date-time',
    description: 'When the request or an entry in `response` last changed; others may have changed since.',
  })
  lastUpdatedOn!: string;

  @ApiProperty()
  RemoveDataFromAllBots!: boolean;

  @ApiProperty({ enum: requestStatuses, enumName: 'RequestStatus' })
  status!: RequestStatus;

  @ApiPropertyOptional({
    type: WaitingDto,
    description: 'Erasing yields to other work on the database; it goes on by itself.',
  })
  waiting?: WaitingDto;

  @ApiPropertyOptional({
    type: HoldingDto,
    description:
      'Somebody has pulled the brake: nothing is done until it is released. The status stays in-progress.',
  })
  paused?: HoldingDto;

  @ApiProperty({ type: [String] })
  botIds!: string[];

  @ApiPropertyOptional({ description: "The caller's case number." })
  reference?: string;

  @ApiProperty({ format: 'date-time', description: 'When the person asked.' })
  receivedOn!: string;

  @ApiProperty({ format: 'date-time', description: 'By when it must be done.' })
  dueOn!: string;

  @ApiProperty({ type: 'integer' })
  round!: number;

  @ApiProperty({ type: ProgressDto })
  progress!: ProgressDto;

  @ApiProperty({ ...counts, description: 'Entries by status.', example: { SUCCESS: 3 } })
  counts!: Record<string, number>;

  @ApiProperty({ ...counts, description: 'Rows erased by collection, every person once.' })
  erased!: Record<string, number>;

  @ApiProperty({ type: [NotCoveredDto] })
  notCovered!: NotCoveredDto[];

  @ApiProperty({
    type: 'array',
    items: { $ref: getSchemaPath(SubjectDto) },
    description: 'In the order sent.',
  })
  response!: SubjectDto[];

  @ApiProperty({
    type: 'string',
    nullable: true,
    description: 'Pass as `cursor` for the next page; null on the last.',
  })
  nextCursor!: string | null;
}
