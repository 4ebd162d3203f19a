import { ApiProperty } from '@nestjs/swagger';
import { ErasureStatusDto } from '../intake/status.dto.js';

/** The answer to a cancel: how many entries it cancelled, and the request's status, entry by entry, right after it. */
export class CancelledDto extends ErasureStatusDto {
  @ApiProperty({
    type: 'integer',
    description:
      'Entries that this call cancelled: they are CANCELLED, and nothing of them was touched. Those IN_PROGRESS had begun and are being finished.',
  })
  cancelled!: number;
}
