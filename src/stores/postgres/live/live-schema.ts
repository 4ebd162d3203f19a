/** What the database's own catalogues say about the schema of a store, and about whatever hangs on it. */
export interface LiveSchema {
  readonly schema: string;
  /** Tables, views and the like by name. Partitions count as their root and are not here. */
  readonly tables: ReadonlyMap<string, LiveTable>;
  /** Every foreign key into or out of a table of the schema, also of tables of other schemas. */
  readonly foreignKeys: readonly LiveForeignKey[];
}

export interface LiveTable {
  readonly oid: string;
  readonly name: string;
  /** `pg_class.relkind`: r table, p partitioned table, v view, m materialised view, f foreign table. */
  readonly kind: 'r' | 'p' | 'v' | 'm' | 'f';
  /** Tables that are not its partitions inherit from it: their rows would go with its own. */
  readonly inherited: boolean;
  /** A row-level policy would hide rows from the current role. */
  readonly hiddenByPolicy: boolean;
  /** The current role may use the schema and delete rows. */
  readonly mayDelete: boolean;
  readonly columns: ReadonlyMap<string, LiveColumn>;
  /** Columns of the primary key, in its order; empty without one. */
  readonly primaryKey: readonly string[];
  /** Those of partitions too. */
  readonly indexes: readonly LiveIndex[];
  /** User triggers and rules on DELETE or UPDATE that fire, also those of single partitions. */
  readonly triggers: readonly LiveTrigger[];
  readonly checks: readonly LiveCheck[];
}

export interface LiveColumn {
  readonly name: string;
  /** `character varying(40)` */
  readonly type: string;
  /** `character varying` */
  readonly baseType: string;
  readonly notNull: boolean;
  readonly generated: boolean;
  /** GENERATED ALWAYS AS IDENTITY */
  readonly alwaysIdentity: boolean;
  /** Different values never compare as equal (no case-insensitive collation). */
  readonly exact: boolean;
  readonly maySelect: boolean;
  readonly mayUpdate: boolean;
}

export interface LiveIndex {
  readonly name: string;
  readonly primary: boolean;
  /** Unique, or of an exclusion constraint. */
  readonly restricts: boolean;
  readonly nullsAreEqual: boolean;
  /** Valid, ready and of a kind that serves equality in order (btree). */
  readonly usable: boolean;
  /** The condition of a partial index. */
  readonly onlyWhere: string | null;
  /** Columns and expressions as PostgreSQL writes them, the first one first. */
  readonly keys: readonly string[];
  /** Names of all columns that the index speaks of, in keys, expressions or condition. */
  readonly columns: readonly string[];
}

export interface LiveTrigger {
  readonly name: string;
  readonly what: 'trigger' | 'rule';
  readonly onDelete: boolean;
  readonly onUpdate: boolean;
}

export interface LiveCheck {
  readonly name: string;
  readonly expression: string;
  readonly columns: readonly string[];
}

export interface LiveForeignKey {
  readonly name: string;
  readonly childOid: string;
  readonly childSchema: string;
  readonly childTable: string;
  readonly childColumns: readonly string[];
  readonly parentOid: string;
  /** Of the table that is referenced. */
  readonly parentColumns: readonly string[];
  /** `pg_constraint.confdeltype`: a no action, r restrict, c cascade, n set null, d set default. */
  readonly onDelete: 'a' | 'r' | 'c' | 'n' | 'd';
  /** A valid, whole index begins with the child's columns. */
  readonly indexed: boolean;
  /** The current role may read the child's columns. */
  readonly readable: boolean;
}
