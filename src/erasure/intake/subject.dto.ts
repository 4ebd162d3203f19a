import { ApiExtraModels, ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { matchKinds, type MatchKind, type UserEntry } from '../../users/user-reference.js';
import {
  type SubjectReason,
  subjectReasons,
  type SubjectStatus,
  subjectStatuses,
} from '../erasure-status.js';
import { type ReclaimReason, reclaimReasons } from '../reclaim/reclaim-state.js';
import { AttemptDto } from './attempt.dto.js';
import {
  EmailEntryDto,
  EnterpriseIdEntryDto,
  entrySchema,
  IdentityEntryDto,
  UserIdEntryDto,
} from './user-entry.dto.js';

const counts = { type: 'object', additionalProperties: { type: 'integer' } } as const;

/** One entry and what became of it. */
@ApiExtraModels(UserIdEntryDto, EmailEntryDto, EnterpriseIdEntryDto, IdentityEntryDto)
export class SubjectDto {
  @ApiProperty({
    description: 'The entry as it was sent; null when what is stored is not what was accepted (INTEGRITY).',
    oneOf: [...entrySchema.oneOf, { type: 'null' }],
  })
  userId!: UserEntry | null;

  @ApiProperty({ enum: subjectStatuses, enumName: 'SubjectStatus' })
  status!: SubjectStatus;

  @ApiPropertyOptional({ enum: subjectReasons, enumName: 'SubjectReason' })
  reason?: SubjectReason;

  @ApiPropertyOptional({ description: 'The reason in a sentence for people, with what would change it.' })
  message?: string;

  @ApiPropertyOptional({
    enum: matchKinds,
    enumName: 'MatchKind',
    isArray: true,
    description: 'How the entry fits.',
  })
  matchedBy?: MatchKind[];

  @ApiPropertyOptional({
    type: 'integer',
    description: 'Index in userIds of the first entry that means the same person; counts stand there.',
  })
  sameAs?: number;

  @ApiPropertyOptional({
    ...counts,
    description: 'Rows erased (deleted or overwritten) by collection.',
    example: { 'platform.messages': 41 },
  })
  erased?: Record<string, number>;

  @ApiPropertyOptional({
    type: [AttemptDto],
    description: 'How the entry ended in former rounds, the first of them first.',
  })
  attempts?: AttemptDto[];

  @ApiPropertyOptional({ description: 'Rows were erased before the person turned out not to be erasable.' })
  partlyErased?: boolean;

  @ApiPropertyOptional({ format: 'date-time', description: 'When the probe found nothing left.' })
  erasedOn?: string;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { oneOf: [{ type: 'string', format: 'date-time' }, { type: 'null' }] },
    description:
      'By collection, since when no query of the database, nor of a standby that it knows of, can bring the erased rows back: the end of the first vacuum of the table (of each partition, and of their TOAST tables) that began when no snapshot, slot, prepared transaction or standby could see them any more. It does not mean that bytes on disk were overwritten: freed space keeps what it held until something else is written there, and backups and the write-ahead log have copies. null: not known to be so, which is usual for a long time on large tables; notReclaimable has the reason.',
    example: { 'platform.messages': '2026-11-24T03:10:02.113Z', 'platform.sessions': null },
  })
  reclaimableSince?: Record<string, string | null>;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string', enum: [...reclaimReasons] },
    description:
      'By collection, why reclaimableSince is null. NOT_LOOKED_YET: nobody has looked since it was erased. NOT_VISIBLE: the role of the service may not see the sessions of others (expunge grants). HELD_BY_SNAPSHOT, HELD_BY_SLOT, HELD_BY_PREPARED_TRANSACTION, HELD_BY_STANDBY: that might still see the rows, so a vacuum would keep them; a standby without hot_standby_feedback tells nothing, and counts as one that might. AUTOVACUUM_OFF: for the table. BELOW_AUTOVACUUM_THRESHOLD: too few dead rows for autovacuum to begin. VACUUM_DUE, VACUUM_RUNNING: it will come, or is at it.',
    example: { 'platform.sessions': 'BELOW_AUTOVACUUM_THRESHOLD' },
  })
  notReclaimable?: Record<string, ReclaimReason>;
}
