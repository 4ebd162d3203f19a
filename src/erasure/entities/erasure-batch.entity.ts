import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { type WaitReason } from '../run/pace/waiting.js';
import { ErasureRequest } from './erasure-request.entity.js';

export type BatchState = 'WAITING' | 'RUNNING' | 'SETTLED';

/** Some persons of one request, through all stores: the unit of work. Fence and lease say who may write for it. */
@Entity({ schema: 'expunge', name: 'erasure_batches' })
@Index('erasure_batches_request', { synchronize: false })
@Index('erasure_batches_waiting', { synchronize: false })
@Index('erasure_batches_in_turn', { synchronize: false })
@Index('erasure_batches_running', { synchronize: false })
@Index('erasure_batches_settled_by', { synchronize: false })
export class ErasureBatch {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'BY DEFAULT' })
  id!: string;

  @Column('text', { name: 'request_id' })
  @ForeignKey(() => ErasureRequest, { onDelete: 'CASCADE', name: 'erasure_batches_request_id_fkey' })
  requestId!: string;

  @Column('text', { name: 'account_id' })
  accountId!: string;

  @Column('text', { default: 'WAITING' })
  state!: BatchState;

  @Column('timestamptz', { name: 'not_before' })
  notBefore!: Date;

  /** Grows with every claim; only the holder of the newest may write. */
  @Column('bigint', { default: 0 })
  fence!: string;

  @Column('timestamptz', { name: 'lease_until', nullable: true })
  leaseUntil!: Date | null;

  @Column('text', { nullable: true })
  worker!: string | null;

  /** Failures that may pass; take-overs and lost connections do not count. */
  @Column('integer', { default: 0 })
  attempts!: number;

  /** SQLSTATE of the latest of them. */
  @Column('text', { name: 'last_code', nullable: true })
  lastCode!: string | null;

  /** The transaction that settled it: all that was erased of its persons was erased by this one or earlier ones. */
  @Column('bigint', { name: 'settled_by', nullable: true })
  settledBy!: string | null;

  /** What its worker waits for, and since when; null while it works. */
  @Column('text', { name: 'waiting_for', nullable: true })
  waitingFor!: WaitReason | null;

  @Column('timestamptz', { name: 'waiting_since', nullable: true })
  waitingSince!: Date | null;

  /** The data map by which the batch was cut. */
  @Column('text', { name: 'data_map_hash' })
  dataMapHash!: string;

  @Column('timestamptz', { name: 'created_on', default: () => 'clock_timestamp()' })
  createdOn!: Date;

  @Column('timestamptz', { name: 'settled_on', nullable: true })
  settledOn!: Date | null;
}
