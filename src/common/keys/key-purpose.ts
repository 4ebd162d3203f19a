/**
 * What a data key is for; a key of one purpose is never used for another. `secrets` (of client apps) and `notes` (what
 * operators wrote) are one key each for the service; `entries` (what was asked for, key sets), `pseudonyms` (keyed hashes of identifiers) and `integrity` (MACs of
 * what was accepted) are per account.
 */
export type KeyPurpose = 'secrets' | 'entries' | 'pseudonyms' | 'integrity' | 'notes';

/** The place of a data key in the ring; authenticated with the wrapped key, so that a key row can't be moved. */
export interface KeyPlace {
  readonly id: string;
  readonly purpose: KeyPurpose;
  readonly accountId: string | null;
  readonly epoch: number;
}
