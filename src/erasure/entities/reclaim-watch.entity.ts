import { Column, Entity, PrimaryColumn } from 'typeorm';
import { type CollectionState } from '../reclaim/reclaim-state.js';

/** What the last look saw of a collection's vacuums. */
@Entity({ schema: 'expunge', name: 'reclaim_watch' })
export class ReclaimWatch {
  /** With the store's name: `platform.messages`. */
  @PrimaryColumn('text')
  collection!: string;

  @Column('jsonb')
  state!: CollectionState;

  /** What was erased by transactions below this is known to be free, or is nothing: see ReclaimCredit. */
  @Column('bigint', { name: 'clean_below', default: 0 })
  cleanBelow!: string;

  @Column('timestamptz', { name: 'looked_on' })
  lookedOn!: Date;
}
