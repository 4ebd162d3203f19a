import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  type SubjectReason,
  subjectReasons,
  type SubjectStatus,
  subjectStatuses,
} from '../erasure-status.js';

/** How an entry ended in a round that was followed by another. */
export class AttemptDto {
  @ApiProperty({ type: 'integer' })
  round!: number;

  @ApiProperty({ enum: subjectStatuses, enumName: 'SubjectStatus' })
  status!: SubjectStatus;

  @ApiPropertyOptional({ enum: subjectReasons, enumName: 'SubjectReason' })
  reason?: SubjectReason;

  @ApiPropertyOptional({ description: 'Rows had been erased by then.' })
  partlyErased?: boolean;

  @ApiProperty({ format: 'date-time' })
  endedOn!: string;
}
