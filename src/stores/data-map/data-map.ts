/** A value that YAML and JSON share. */
export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [name: string]: JsonValue };

/** What a data map says, checked for itself but not yet against a database. */
export interface DataMap {
  readonly version: 1;
  readonly stores: readonly StoreMap[];
}

/** One store: the tables of one schema of the service's own database. */
export interface StoreMap {
  readonly name: string;
  readonly kind: 'postgres';
  readonly schema: string;
  readonly collections: readonly CollectionMap[];
  /** Tables that hold something of people and are not erased, each with the reason. */
  readonly retained: readonly RetainedTable[];
  readonly notPersonal: readonly string[];
}

export interface RetainedTable {
  readonly table: string;
  readonly reason: string;
}

/** A table whose rows are erased. */
export interface CollectionMap {
  readonly name: string;
  /** A row is a person's if any tie matches. At least one. */
  readonly ties: readonly Tie[];
  readonly bot: string | null;
  readonly account: string | null;
  /** The row's own time. */
  readonly at: string | null;
  readonly erase: Erase;
  /** Columns that an overwrite leaves as they are; null where the map says nothing. */
  readonly keep: readonly string[] | null;
  /** What becomes of a row that others' rows still need; null: it stays, and the person FAILED. */
  readonly whenShared: readonly Overwrite[] | null;
  /** `when: all-bots` */
  readonly allBotsOnly: boolean;
  readonly directory: boolean;
  /** Collections that must be erased before this one, beyond what foreign keys say. */
  readonly after: readonly string[];
  readonly triggers: readonly KnownTrigger[];
}

export type Erase =
  { readonly by: 'delete' } | { readonly by: 'overwrite'; readonly overwrites: readonly Overwrite[] };

/** `pair`: channel id and channel user id in two columns; `identity`: both in one, joined by `/`. */
export type TieKind = 'userId' | 'email' | 'enterpriseId' | 'identity' | 'pair';

export interface Tie {
  readonly kind: TieKind;
  /** The one that an index must serve first. Of a `pair`: the channel user id, then the channel id. */
  readonly columns: readonly string[];
  /** The tie counts only for rows in which each of these columns holds this. */
  readonly onlyWhen: readonly ColumnValue[];
}

export interface ColumnValue {
  readonly column: string;
  readonly value: null | boolean | number | string;
}

export interface Overwrite {
  readonly column: string;
  readonly to: OverwriteValue;
}

export type OverwriteValue =
  | { readonly is: 'null' }
  | { readonly is: 'literal'; readonly value: JsonValue }
  /** Something new for each row that nobody can trace back. */
  | { readonly is: 'random' }
  /** The start of the day in UTC that the value lies in. */
  | { readonly is: 'truncated' };

/** A trigger or rule of the table that the operator knows of, with what it does. */
export interface KnownTrigger {
  readonly name: string;
  readonly does: string;
}
