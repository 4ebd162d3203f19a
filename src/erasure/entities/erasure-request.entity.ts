import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { type HiddenStatus, type RequestStatus } from '../erasure-status.js';
import { type WaitReason } from '../run/pace/waiting.js';
import { type InterventionKind } from './erasure-intervention.entity.js';

/** One accepted call. `mac` covers what was accepted; a row that was altered by hand erases nobody. */
@Entity({ schema: 'expunge', name: 'erasure_requests' })
@Index('erasure_requests_account', { synchronize: false })
@Index('erasure_requests_unplanned', { synchronize: false })
@Index('erasure_requests_in_turn', { synchronize: false })
@Index('erasure_requests_planning', { synchronize: false })
@Index('erasure_requests_unsettled', { synchronize: false })
@Index('erasure_requests_hidden', { synchronize: false })
@Index('erasure_requests_open', { synchronize: false })
@Index('erasure_requests_due', { synchronize: false })
@Index('erasure_requests_changing', { synchronize: false })
export class ErasureRequest {
  /** `eud-<uuid>` */
  @PrimaryColumn('text')
  id!: string;

  @Column('text', { name: 'account_id' })
  accountId!: string;

  @Column('text', { name: 'client_id' })
  clientId!: string;

  @Column('text', { default: 'in-progress' })
  status!: RequestStatus | HiddenStatus;

  @Column('integer', { default: 1 })
  round!: number;

  @Column('boolean', { name: 'all_bots' })
  allBots!: boolean;

  @Column('text', { name: 'bot_ids', array: true })
  botIds!: string[];

  /** The caller's case number, encrypted. */
  @Column('bytea', { nullable: true })
  reference!: Buffer | null;

  @Column('timestamptz', { name: 'received_on' })
  receivedOn!: Date;

  @Column('timestamptz', { name: 'due_on' })
  dueOn!: Date;

  @Column('timestamptz', { name: 'not_before' })
  notBefore!: Date;

  @Column('timestamptz', { name: 'created_on' })
  createdOn!: Date;

  @Column('timestamptz', { name: 'last_updated_on' })
  lastUpdatedOn!: Date;

  /** Number of entries. */
  @Column('integer')
  total!: number;

  @Column('bytea')
  mac!: Buffer;

  /** What the stores hold that this request does not erase, as it was when it was planned. */
  @Column('jsonb', { name: 'not_covered', nullable: true })
  notCovered!: { collection: string; reason: string }[] | null;

  /** When everyone was resolved and cut into batches. */
  @Column('timestamptz', { name: 'planned_on', nullable: true })
  plannedOn!: Date | null;

  @Column('timestamptz', { name: 'settled_on', nullable: true })
  settledOn!: Date | null;

  /** Fence, lease and worker of the planning; of an upload the lease, in `lease_until`. */
  @Column('bigint', { default: 0 })
  fence!: string;

  @Column('timestamptz', { name: 'lease_until', nullable: true })
  leaseUntil!: Date | null;

  @Column('text', { nullable: true })
  worker!: string | null;

  @Column('integer', { default: 0 })
  attempts!: number;

  /** What its planning waits for, and since when; null while it goes on. */
  @Column('text', { name: 'waiting_for', nullable: true })
  waitingFor!: WaitReason | null;

  @Column('timestamptz', { name: 'waiting_since', nullable: true })
  waitingSince!: Date | null;

  /** What was decided about it, and not all of its entries have followed yet. Nobody plans it meanwhile. */
  @Column('text', { nullable: true })
  changing!: InterventionKind | null;
}
