import { type UserEntry } from '../../users/user-reference.js';

/** A valid erase call. */
export interface EraseCommand extends EraseHead {
  readonly entries: readonly UserEntry[];
}

/** A valid erase call but for its entries. */
export interface EraseHead {
  readonly allBots: boolean;
  /** In the order sent, so that an error can name the place; one may be there twice. Empty when `allBots`. */
  readonly botIds: readonly string[];
  readonly reference: string | null;
  /** null: now. */
  readonly receivedOn: Date | null;
  readonly notBefore: Date | null;
}

/** Limits of the wire contract. Lengths are Unicode code points. */
export const limits = {
  userIds: 10_000,
  bulkEntries: 1_000_000,
  botIds: 1_000,
  idLength: 512,
  referenceLength: 64,
  notBeforeDays: 14,
} as const;
