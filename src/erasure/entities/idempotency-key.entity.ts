import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A call that was accepted under an `Idempotency-Key`, by keyed hashes of key and body alone. */
@Entity({ schema: 'expunge', name: 'idempotency_keys' })
@Index('idempotency_keys_expires_on', ['expiresOn'])
export class IdempotencyKey {
  @PrimaryColumn('text', { name: 'client_id' })
  clientId!: string;

  @PrimaryColumn('bytea', { name: 'key_hash' })
  keyHash!: Buffer;

  @Column('bytea', { name: 'body_hash' })
  bodyHash!: Buffer;

  /** What the first answer said. */
  @Column('text', { name: 'request_id' })
  requestId!: string;

  @Column('timestamptz', { name: 'expires_on' })
  expiresOn!: Date;
}
