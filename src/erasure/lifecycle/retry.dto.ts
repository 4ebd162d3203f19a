import { ApiProperty } from '@nestjs/swagger';

/** The answer to a retry. */
export class RetriedDto {
  @ApiProperty({ example: 'eud-0d3f2a6e-6d0c-4c52-9d0f-0d4c1b4f1a77' })
  requestId!: string;

  @ApiProperty({ enum: ['in-progress'] })
  status!: 'in-progress';

  @ApiProperty({ type: 'integer', description: 'The round that has begun.' })
  round!: number;

  @ApiProperty({ type: 'integer', description: 'Entries that are judged again.' })
  retried!: number;
}
