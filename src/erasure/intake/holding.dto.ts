import { ApiProperty } from '@nestjs/swagger';

/** Since when work rests, and who said so. */
export class HoldingDto {
  @ApiProperty({ format: 'date-time' })
  since!: string;

  @ApiProperty({ description: 'Client id of the app that paused it, or `operator`.' })
  by!: string;
}
