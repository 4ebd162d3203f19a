import { type OverwriteValue, type TieKind } from '../../data-map/data-map.js';
import { type KeyType } from '../keys/key-type.js';

/** A collection with what its live table adds: all that statements are made of. */
export interface CollectionPlan {
  readonly name: string;
  /** With the store's name: `platform.messages`. */
  readonly label: string;
  /** Quoted, with its schema. */
  readonly table: string;
  readonly directory: boolean;
  readonly allBotsOnly: boolean;
  readonly ties: readonly TiePlan[];
  readonly bot: KeyColumn | null;
  readonly account: KeyColumn | null;
  readonly primaryKey: readonly TypedColumn[];
  /** What its rows are overwritten with; null: they are deleted. */
  readonly overwrite: readonly OverwritePlan[] | null;
  /** What becomes of rows that others' rows still need. */
  readonly whenShared: readonly OverwritePlan[] | null;
  /** Foreign keys by which rows of any table may hang on rows of this one. */
  readonly hanging: readonly HangingRows[];
}

export interface TypedColumn {
  readonly name: string;
  /** As `format_type` writes it, with its modifiers. */
  readonly type: string;
  /** Without modifiers: a cast to it cuts nothing off. */
  readonly baseType: string;
}

export interface KeyColumn {
  readonly name: string;
  readonly type: KeyType;
}

export interface TiePlan {
  readonly kind: TieKind;
  /** Of a pair: channel user id, channel id. */
  readonly columns: readonly KeyColumn[];
  readonly onlyWhen: readonly {
    readonly column: TypedColumn;
    readonly value: null | boolean | number | string;
  }[];
}

export interface OverwritePlan {
  readonly column: TypedColumn;
  readonly to: OverwriteValue;
}

export interface HangingRows {
  /** Quoted, with its schema. */
  readonly table: string;
  /** The rows may be of the collection itself. */
  readonly ofItself: boolean;
  readonly columns: readonly { readonly child: string; readonly parent: string }[];
}
