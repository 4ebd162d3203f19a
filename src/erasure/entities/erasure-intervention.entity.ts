import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { ErasureRequest } from './erasure-request.entity.js';

export type InterventionKind = 'CANCEL' | 'RETRY';

/** Somebody changed the course of a request after it was accepted. */
@Entity({ schema: 'expunge', name: 'erasure_interventions' })
@Index('erasure_interventions_request', ['requestId'])
export class ErasureIntervention {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'BY DEFAULT' })
  id!: string;

  @Column('text', { name: 'request_id' })
  @ForeignKey(() => ErasureRequest, { onDelete: 'CASCADE', name: 'erasure_interventions_request_id_fkey' })
  requestId!: string;

  @Column('text')
  kind!: InterventionKind;

  /** The round that it ended or began. */
  @Column('integer')
  round!: number;

  /** How many entries it changed. */
  @Column('integer')
  entries!: number;

  /** Client id of the app, or `operator` for the command line. */
  @Column('text', { name: 'done_by' })
  doneBy!: string;

  @Column('timestamptz', { name: 'done_on', default: () => 'clock_timestamp()' })
  doneOn!: Date;
}
