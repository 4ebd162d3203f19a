import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { ErasureRequest } from './erasure-request.entity.js';

/** Somebody's work rests until it is resumed: an account's, a request's, or, with neither, everybody's. */
@Entity({ schema: 'expunge', name: 'pauses' })
@Index('pauses_once', { synchronize: false })
@Index('pauses_request', ['requestId'])
export class Pause {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'BY DEFAULT' })
  id!: string;

  @Column('text', { name: 'account_id', nullable: true })
  accountId!: string | null;

  @Column('text', { name: 'request_id', nullable: true })
  @ForeignKey(() => ErasureRequest, { onDelete: 'CASCADE', name: 'pauses_request_id_fkey' })
  requestId!: string | null;

  /** Encrypted: it is free text. */
  @Column('bytea')
  reason!: Buffer;

  /** Client id of the app, or `operator` for the command line. */
  @Column('text', { name: 'paused_by' })
  pausedBy!: string;

  @Column('timestamptz', { name: 'paused_on' })
  pausedOn!: Date;
}
