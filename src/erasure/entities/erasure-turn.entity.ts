import { Column, Entity, PrimaryColumn } from 'typeorm';

export type TurnKind = 'PLAN' | 'ERASE';

/** When an account last had its turn with the workers: of all whose work waits, the one who waited longest is next. */
@Entity({ schema: 'expunge', name: 'erasure_turns' })
export class ErasureTurn {
  @PrimaryColumn('text')
  kind!: TurnKind;

  @PrimaryColumn('text', { name: 'account_id' })
  accountId!: string;

  @Column('timestamptz', { name: 'taken_on' })
  takenOn!: Date;
}
