/** Rows and an order-independent checksum over all columns of all of them. */
export interface Fingerprint {
  readonly rows: number;
  readonly checksum: string;
}

/** What became of one table. */
export interface TableReport {
  readonly name: string;
  /** Rows of erased people that were there before: to be deleted or overwritten. */
  readonly expected: number;
  /** Of these: rows that stay for others or for counting, without the person. */
  readonly overwritten: number;
  /** Rows of erased people that are still there, or not as overwritten as they must be. Must be 0. */
  readonly left: number;
  /** Rows that had to stay, overwritten, and are gone. Must be 0. */
  readonly lost: number;
  /** All rows of everybody else. Must be the same. */
  readonly othersBefore: Fingerprint;
  readonly othersAfter: Fingerprint;
}

export interface CheckReport {
  readonly tables: readonly TableReport[];
  /** Everything that had to go is gone. */
  readonly nothingLeft: boolean;
  /** Nothing of anybody else has changed. */
  readonly othersUnchanged: boolean;
}

export function checkReport(tables: readonly TableReport[]): CheckReport {
  return {
    tables,
    nothingLeft: tables.every(({ left }) => left === 0),
    othersUnchanged: tables.every(
      ({ lost, othersBefore, othersAfter }) =>
        lost === 0 &&
        othersBefore.rows === othersAfter.rows &&
        othersBefore.checksum === othersAfter.checksum,
    ),
  };
}
