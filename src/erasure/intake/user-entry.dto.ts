import { ApiProperty, getSchemaPath } from '@nestjs/swagger';
import { limits } from './erase-command.js';

const id = { minLength: 1, maxLength: limits.idLength } as const;

/** Names a user by their `u-` id alone. */
export class UserIdEntryDto {
  @ApiProperty(id)
  userId!: string;
}

/** Names a user by their email address alone, in any letter case. */
export class EmailEntryDto {
  @ApiProperty(id)
  email!: string;
}

/** Names a user by the id that the enterprise gave them alone. */
export class EnterpriseIdEntryDto {
  @ApiProperty(id)
  enterpriseId!: string;
}

/** Names a user by what one channel calls them. */
export class IdentityEntryDto {
  @ApiProperty({ ...id, example: 'facebook' })
  channelId!: string;

  @ApiProperty({ ...id, example: '4477009' })
  channelUserId!: string;
}

/** A string is matched in every way; a typed entry in one way only. */
export const entrySchema = {
  oneOf: [
    { type: 'string' as const, ...id },
    { $ref: getSchemaPath(UserIdEntryDto) },
    { $ref: getSchemaPath(EmailEntryDto) },
    { $ref: getSchemaPath(EnterpriseIdEntryDto) },
    { $ref: getSchemaPath(IdentityEntryDto) },
  ],
};
