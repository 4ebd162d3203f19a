/** A data map's own words on one collection: what is written into the file, and what the model reads. */
export interface CollectionWords {
  readonly ties: readonly TieWords[];
  readonly bot?: string;
  readonly account?: string;
  readonly at?: string;
  readonly erase: 'delete' | { readonly overwrite: OverwriteWords };
  readonly whenShared?: OverwriteWords;
  readonly keep?: readonly string[];
  readonly when?: 'all-bots';
  readonly directory?: true;
}

export interface TieWords {
  readonly userId?: string;
  readonly email?: string;
  readonly enterpriseId?: string;
  readonly identity?: string;
  readonly channelId?: string;
  readonly channelUserId?: string;
  readonly onlyWhen?: Readonly<Record<string, null | boolean | number | string>>;
}

export type OverwriteWords = Readonly<Record<string, OverwriteWord>>;
export type OverwriteWord = null | number | string | object;

export const truncated = { truncate: 'day' } as const;

/** Columns by which a tie finds rows, the one that an index must begin with first. */
export function columnsOf({
  userId,
  email,
  enterpriseId,
  identity,
  channelUserId,
  channelId,
}: TieWords): string[] {
  return [userId, email, enterpriseId, identity, channelUserId, channelId].filter(
    (column) => column !== undefined,
  );
}
