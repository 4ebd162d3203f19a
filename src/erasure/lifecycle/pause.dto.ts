import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { HoldingDto } from '../intake/holding.dto.js';
import { LONGEST_REASON } from './parse-pause-body.js';

/** Whose work is meant: without an id all of the caller's own account. Checked by `parsePauseBody`. */
export class ResumeDto {
  @ApiPropertyOptional({ description: "The caller's own account." })
  accountId?: string;

  @ApiPropertyOptional({ description: 'A request of the account; not together with accountId.' })
  requestId?: string;
}

/** The body of a pause. */
export class PauseDto extends ResumeDto {
  @ApiProperty({
    minLength: 1,
    maxLength: LONGEST_REASON,
    description: 'Why, in your words. Kept encrypted; told to nobody but the operator.',
  })
  reason!: string;
}

/** How it stands after a call. */
export class BrakeDto {
  @ApiPropertyOptional()
  accountId?: string;

  @ApiPropertyOptional()
  requestId?: string;

  @ApiProperty({
    type: HoldingDto,
    nullable: true,
    description: 'What holds that work now, which may be a pause of somebody else; null: it goes on.',
  })
  paused!: HoldingDto | null;
}
