import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Since when the space of what was erased from a collection, by transactions below a certain one, has been free. */
@Entity({ schema: 'expunge', name: 'reclaim_credits' })
export class ReclaimCredit {
  @PrimaryColumn('text')
  collection!: string;

  @PrimaryColumn('bigint')
  below!: string;

  @Column('timestamptz')
  since!: Date;
}
