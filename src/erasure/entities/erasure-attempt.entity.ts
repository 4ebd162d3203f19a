import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { type MatchKind } from '../../users/user-reference.js';
import { type SubjectReason, type SubjectStatus } from '../erasure-status.js';
import { ErasureRequest } from './erasure-request.entity.js';

/** How an entry ended in a round that was followed by another. Only ever added to. */
@Entity({ schema: 'expunge', name: 'erasure_attempts' })
export class ErasureAttempt {
  @PrimaryColumn('text', { name: 'request_id' })
  @ForeignKey(() => ErasureRequest, { onDelete: 'CASCADE', name: 'erasure_attempts_request_id_fkey' })
  requestId!: string;

  /** Index in `userIds` as sent. */
  @PrimaryColumn('integer')
  position!: number;

  @PrimaryColumn('integer')
  round!: number;

  @Column('text')
  status!: SubjectStatus;

  @Column('text', { nullable: true })
  reason!: SubjectReason | null;

  @Column('text', { name: 'matched_by', array: true, nullable: true })
  matchedBy!: MatchKind[] | null;

  @Column('boolean', { name: 'partly_erased' })
  partlyErased!: boolean;

  @Column('timestamptz', { name: 'ended_on' })
  endedOn!: Date;
}
