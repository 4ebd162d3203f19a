import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { ErasureBatch } from './erasure-batch.entity.js';

/**
 * Rows erased by one batch in one collection so far: what a request's report adds up, however many persons it has. Written
 * together with the counts of the persons.
 */
@Entity({ schema: 'expunge', name: 'erasure_batch_counts' })
export class ErasureBatchCount {
  @PrimaryColumn('bigint', { name: 'batch_id' })
  @ForeignKey(() => ErasureBatch, { onDelete: 'CASCADE', name: 'erasure_batch_counts_batch_id_fkey' })
  batchId!: string;

  @PrimaryColumn('text')
  collection!: string;

  @Column('bigint')
  rows!: string;
}
