import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { type KeyPlace, type KeyPurpose } from './key-purpose.js';

/** A data key, wrapped by the master key; `wrapped` is null once it is destroyed. */
@Entity({ schema: 'expunge', name: 'keys' })
// One key per purpose, account and epoch, the service-wide ones (no account) too: an index over COALESCE, which only the
// migration can express.
@Index('keys_purpose_account_epoch', { synchronize: false })
export class KeyEntity implements KeyPlace {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('text')
  readonly purpose!: KeyPurpose;

  @Column('text', { name: 'account_id', nullable: true })
  readonly accountId!: string | null;

  @Column('integer', { default: 0 })
  readonly epoch!: number;

  @Column('bytea', { nullable: true })
  readonly wrapped!: Buffer | null;

  @Column('timestamptz', { name: 'created_on', default: () => 'clock_timestamp()' })
  readonly createdOn!: Date;

  @Column('timestamptz', { name: 'destroyed_on', nullable: true })
  readonly destroyedOn!: Date | null;
}
