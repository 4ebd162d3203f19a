import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

/** A worker's sign of life, and by which data map it works. */
@Entity({ schema: 'expunge', name: 'workers' })
@Index('workers_id', ['id'], { unique: true })
export class WorkerSign {
  /** Names its advisory lock. */
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'BY DEFAULT' })
  number!: number;

  @Column('uuid')
  id!: string;

  @Column('text', { name: 'data_map_hash' })
  dataMapHash!: string;

  @Column('timestamptz', { name: 'seen_on' })
  seenOn!: Date;

  /** It holds its advisory lock on a session of its own, so that a free lock proves that it is gone. */
  @Column('boolean', { name: 'holds_lock', default: false })
  holdsLock!: boolean;
}
