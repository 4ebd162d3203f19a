/** Who may still see rows that were erased. */
export const holders = [
  'HELD_BY_PREPARED_TRANSACTION',
  'HELD_BY_SLOT',
  'HELD_BY_STANDBY',
  'HELD_BY_SNAPSHOT',
] as const;
export type Holder = (typeof holders)[number];

/** What a table waits for before its next vacuum has been. */
export const vacuumWaits = [
  'AUTOVACUUM_OFF',
  'BELOW_AUTOVACUUM_THRESHOLD',
  'VACUUM_DUE',
  'VACUUM_RUNNING',
] as const;
export type VacuumWait = (typeof vacuumWaits)[number];

/** A table that holds rows of a collection (the collection's own or a partition), or its TOAST table. */
export interface RelationSight {
  /** The same for as long as the table is there. */
  readonly relation: string;
  /** Vacuums that have ended, ever. */
  readonly vacuums: number;
  /** End of the last one. */
  readonly lastVacuum: Date | null;
  readonly running: boolean;
  /** A partition without a byte, or the TOAST table of one: nothing that was erased lies there. Not told of other tables. */
  readonly empty: boolean;
  readonly waitsFor: VacuumWait;
}

/**
 * What is known, at one moment, of when the space of erased rows becomes free. Numbers are transaction ids in their full
 * 64 bits. Every vacuum that begins later frees whatever was erased by transactions below `horizon`.
 */
export interface ReclaimSight {
  /** The database's time, from after the rest was read. */
  readonly on: Date;
  /** Id of the next transaction. */
  readonly next: number;
  /** null: the service's role may not know. */
  readonly horizon: number | null;
  /** Who holds it back. */
  readonly heldBy: Holder;
  readonly collections: ReadonlyMap<string, readonly RelationSight[]>;
}
