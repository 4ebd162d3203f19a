import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { ErasurePerson } from './erasure-person.entity.js';

/** Rows erased of one person in one collection so far, written in the transaction that erased them. */
@Entity({ schema: 'expunge', name: 'erasure_counts' })
export class ErasureCount {
  @PrimaryColumn('bigint', { name: 'person_id' })
  @ForeignKey(() => ErasurePerson, { onDelete: 'CASCADE', name: 'erasure_counts_person_id_fkey' })
  personId!: string;

  @PrimaryColumn('text')
  collection!: string;

  @Column('bigint')
  rows!: string;
}
