import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { type MatchKind } from '../../users/user-reference.js';
import { type SubjectReason, type SubjectStatus } from '../erasure-status.js';
import { ErasurePerson } from './erasure-person.entity.js';
import { ErasureRequest } from './erasure-request.entity.js';

/** One entry of a request, encrypted, with its outcome. */
@Entity({ schema: 'expunge', name: 'erasure_subjects' })
@Index('erasure_subjects_person', { synchronize: false })
@Index('erasure_subjects_status', { synchronize: false })
@Index('erasure_subjects_unplanned', { synchronize: false })
@Index('erasure_subjects_integrity', { synchronize: false })
export class ErasureSubject {
  @PrimaryColumn('text', { name: 'request_id' })
  @ForeignKey(() => ErasureRequest, { onDelete: 'CASCADE', name: 'erasure_subjects_request_id_fkey' })
  requestId!: string;

  /** Index in `userIds` as sent. */
  @PrimaryColumn('integer')
  position!: number;

  @Column('bytea')
  entry!: Buffer;

  @Column('text', { default: 'PENDING' })
  status!: SubjectStatus;

  @Column('text', { nullable: true })
  reason!: SubjectReason | null;

  /** The ways in which the entry fits a user; several users for an ambiguous one. */
  @Column('text', { name: 'matched_by', array: true, nullable: true })
  matchedBy!: MatchKind[] | null;

  /** Position of the first entry that means the same person. */
  @Column('integer', { name: 'same_as', nullable: true })
  sameAs!: number | null;

  @Column('bigint', { name: 'person_id', nullable: true })
  @ForeignKey(() => ErasurePerson, { onDelete: 'CASCADE', name: 'erasure_subjects_person_id_fkey' })
  personId!: string | null;

  @Column('timestamptz', { name: 'planned_on', nullable: true })
  plannedOn!: Date | null;

  @Column('timestamptz', { name: 'last_updated_on' })
  lastUpdatedOn!: Date;
}
