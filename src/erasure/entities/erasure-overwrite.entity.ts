import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { ErasureBatch } from './erasure-batch.entity.js';

/** Primary key of an overwritten row and what it must hold now: read back by the probe, gone when the batch is settled. */
@Entity({ schema: 'expunge', name: 'erasure_overwrites' })
@Index('erasure_overwrites_person', { synchronize: false })
export class ErasureOverwrite {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'BY DEFAULT' })
  id!: string;

  @Column('bigint', { name: 'batch_id' })
  @ForeignKey(() => ErasureBatch, { onDelete: 'CASCADE', name: 'erasure_overwrites_batch_id_fkey' })
  batchId!: string;

  @Column('bigint', { name: 'person_id' })
  personId!: string;

  @Column('text')
  collection!: string;

  @Column('jsonb', { name: 'row_key' })
  rowKey!: Record<string, unknown>;

  @Column('jsonb')
  expected!: Record<string, unknown>;
}
