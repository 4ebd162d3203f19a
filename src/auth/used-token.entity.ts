import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A one-time token that was used: app, keyed hash of its `jti`, and when it would have expired anyway. */
@Entity({ schema: 'expunge', name: 'used_tokens' })
@Index('used_tokens_expires_on', ['expiresOn'])
export class UsedTokenEntity {
  @PrimaryColumn('text', { name: 'client_id' })
  readonly clientId!: string;

  @PrimaryColumn('bytea', { name: 'jti_hash' })
  readonly jtiHash!: Buffer;

  @Column('timestamptz', { name: 'expires_on' })
  readonly expiresOn!: Date;
}
