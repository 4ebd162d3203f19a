import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { type SubjectReason, type SubjectStatus } from '../erasure-status.js';
import { ErasureBatch } from './erasure-batch.entity.js';
import { ErasureRequest } from './erasure-request.entity.js';

/** Whom one or more subjects mean, once in a request, with the key set as it was at planning. */
@Entity({ schema: 'expunge', name: 'erasure_persons' })
@Index('erasure_persons_once', { synchronize: false })
@Index('erasure_persons_batch', { synchronize: false })
@Index('erasure_persons_uncut', { synchronize: false })
export class ErasurePerson {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'BY DEFAULT' })
  id!: string;

  @Column('text', { name: 'request_id' })
  @ForeignKey(() => ErasureRequest, { onDelete: 'CASCADE', name: 'erasure_persons_request_id_fkey' })
  requestId!: string;

  /** null until the request is cut into batches, and for those who are not erased. */
  @Column('bigint', { name: 'batch_id', nullable: true })
  @ForeignKey(() => ErasureBatch, { name: 'erasure_persons_batch_id_fkey' })
  batchId!: string | null;

  /** Keyed hash of who it is: makes the person unique in the request. */
  @Column('bytea', { name: 'person_hash' })
  personHash!: Buffer;

  /** Encrypted KeySet. */
  @Column('bytea', { name: 'key_set' })
  keySet!: Buffer;

  /** Keyed hashes of every key of the set. */
  @Column('bytea', { name: 'key_hashes', array: true })
  keyHashes!: Buffer[];

  /** Position of the first entry that means this person. */
  @Column('integer', { name: 'first_position' })
  firstPosition!: number;

  @Column('text', { default: 'PENDING' })
  status!: SubjectStatus;

  @Column('text', { nullable: true })
  reason!: SubjectReason | null;

  @Column('boolean', { name: 'partly_erased', default: false })
  partlyErased!: boolean;

  /** Rounds of erasing after which the probe still found rows. */
  @Column('integer', { name: 'probe_rounds', default: 0 })
  probeRounds!: number;

  @Column('timestamptz', { name: 'erased_on', nullable: true })
  erasedOn!: Date | null;
}
