import { type CollectionWords } from './map-words.js';

/** A row as text, as PostgreSQL writes it. */
export type Row = Readonly<Record<string, string | null>>;

export interface Column {
  readonly name: string;
  /** As it is declared, with its collation. */
  readonly type: string;
  /** What its cells are chosen from. */
  readonly holds:
    | 'user'
    | 'email'
    | 'staff'
    | 'joined'
    | 'handle'
    | 'channel'
    | 'bot'
    | 'account'
    | 'row'
    | 'parent'
    | 'other';
}

/** A generated table: how it is made, and what the data map says of it. */
export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly primaryKey: readonly string[];
  readonly partition: { readonly by: 'hash' | 'list' | 'range'; readonly column: string } | null;
  readonly foreignKeys: readonly ForeignKey[];
  /** null: a table that is retained. */
  readonly words: CollectionWords | null;
}

export interface ForeignKey {
  readonly parent: string;
  readonly columns: readonly { readonly child: string; readonly parent: string }[];
}

export function columnOf({ name: table, columns }: Table, name: string): Column {
  const column = columns.find((candidate) => candidate.name === name);
  if (!column) throw new Error(`${table} has no column ${name}`);
  return column;
}
