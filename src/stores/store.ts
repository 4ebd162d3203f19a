import { type EntityManager } from 'typeorm';
import { type ReclaimSight } from './reclaim-sight.js';

/** The keys by which one person's rows are found: a part of the key set of a planned person. */
export interface PersonKeys {
  /** Id of ours (`erasure_persons.id`); counts come back under it. */
  readonly person: string;
  readonly userId: string | null;
  readonly email: string | null;
  readonly enterpriseId: string | null;
  readonly identities: readonly IdentityKey[];
  /**
   * Keys that somebody else of the account holds by now: they tie no row to this person any more. Rows that carry them come
   * out of the probe as SHARED_IDENTITY.
   */
  readonly lost: readonly LosableKey[];
  /**
   * The person stands in the account's directory. One who does not was found by value in the covered bots: such a person
   * never reaches rows of other bots, of no bot, nor the directory.
   */
  readonly inDirectory: boolean;
}

/** What a directory gives to one user at a time, and to another one later. */
export type LosableKey = 'email' | 'enterpriseId';

export interface IdentityKey {
  readonly channelId: string;
  readonly channelUserId: string;
  /** Bots for which the identity counts; null: every covered bot. */
  readonly bots: readonly string[] | null;
  /**
   * Covered bots for which it belongs to someone else as well (in an account without any: one that no bot is called by):
   * there it ties no row to anyone. Rows that carry it there
   * come out of the probe as SHARED_IDENTITY.
   */
  readonly sharedBots: readonly string[];
  /** Covered bots where only the joined form `channelId/channelUserId` is shared: matters to `identity` columns alone. */
  readonly joinedSharedBots: readonly string[];
}

/** What a request covers. */
export interface Scope {
  readonly accountId: string;
  readonly allBots: boolean;
  /** The bots named by the request; for all-bots requests every bot of the account. */
  readonly bots: readonly string[];
}

/** `records`: everything but the directory. `directory`: who a person is, which goes last of all. */
export type Phase = 'records' | 'directory';

/** Where erasing stands within a phase; opaque to everyone but the store that made it. Never persisted. */
export type Cursor = Readonly<Record<string, unknown>>;

export interface ErasedRows {
  readonly person: string;
  /** With the store's name: `platform.messages`. */
  readonly collection: string;
  /** Deleted and overwritten rows alike. */
  readonly rows: number;
}

export interface EraseStep {
  readonly erased: readonly ErasedRows[];
  /** Where to go on; null when the phase is through for these persons. */
  readonly next: Cursor | null;
}

export interface ReadBackStep {
  readonly remaining: readonly RemainingRows[];
  /** Where to go on; null when all that was overwritten in the phase was read back. */
  readonly next: Cursor | null;
}

export interface RemainingRows {
  readonly person: string;
  readonly collection: string;
  /** DATA_REMAINS: erase again. The other two: erasing again would not help. */
  readonly reason: 'DATA_REMAINS' | 'SHARED_IDENTITY' | 'SHARED_WITH_OTHERS';
}

/** An entry that the directory does not know, looked for by value. */
export interface ValueQuery {
  /** The caller's own number for it; comes back in the hits. */
  readonly position: number;
  /**
   * `any`: a plain string: a user id, a pair joined by `/`, or a bare channel user id. `joined`: every pair of two columns
   * that is this string when joined, and nothing else. Each way to read a string as a pair is a look into each collection:
   * whoever asks sees to it that they are not too many (`pair-readings.ts`).
   */
  readonly kind: 'any' | 'joined' | 'userId' | 'email' | 'enterpriseId' | 'identity';
  readonly value: string;
  /** For kind `identity`: `value` is the channel user id of this channel. */
  readonly channelId: string | null;
}

/** One thing that the value was found as. Several different hits for one position mean that the entry is ambiguous. */
export type ValueHit =
  | { readonly position: number; readonly kind: 'userId' | 'email' | 'enterpriseId'; readonly value: string }
  | {
      readonly position: number;
      readonly kind: 'identity';
      readonly channelId: string;
      readonly channelUserId: string;
      /** Seen in joined `identity` columns alone: where the channel ends is then a guess (at the first slash). */
      readonly joinedOnly: boolean;
    };

/** Something wrong between the data map and the live database. */
export interface Finding {
  /** `drift`: the platform has changed, erasing in this store waits. `mistake`: the map is wrong, a worker does not start. */
  readonly kind: 'drift' | 'mistake';
  /** With the store's name: `platform.messages`; or the store alone. */
  readonly collection: string;
  /** A sentence that names the object and what is wrong; never data. */
  readonly problem: string;
  /** The line to add to the data map, or the SQL to run, that would settle it. */
  readonly remedy: string;
}

export interface NotCovered {
  readonly collection: string;
  readonly reason: string;
}

/**
 * A place that holds personal data. One contract suite (test/contract/store.contract.ts) holds every kind of store to this:
 * it erases the person; spares everyone else, also in the same bot, session, partition or with the same identity elsewhere;
 * is harmless twice; reports true counts; throws rather than reporting zero when it can't see its data.
 *
 * All work runs inside the caller's transaction (`manager`), which has fenced its batch, locked the memberships, switched
 * `row_security` off and set its time-outs. Every method throws DatabaseFault and refuses an empty list of persons.
 */
export abstract class Store {
  abstract readonly name: string;

  /** Holds the data map against the live database. Reads catalogues only. Also refreshes what erasing needs from there. */
  abstract check(manager: EntityManager): Promise<readonly Finding[]>;

  /**
   * One bounded step: at most one erasing statement, at most `maxRows` rows. Start with `from` null and go on with the
   * returned `next`, in this transaction or a later one. Overwritten rows are noted under `batchId` for the probe.
   */
  abstract erase(
    manager: EntityManager,
    phase: Phase,
    batchId: string,
    persons: readonly PersonKeys[],
    scope: Scope,
    from: Cursor | null,
    maxRows: number,
  ): Promise<EraseStep>;

  /**
   * The first part of the independent look: overwritten rows of the batch are read back by primary key, in bounded steps.
   * Start with `from` null and go on with the returned `next`, in this transaction or a later one, for the same persons or
   * some of them.
   */
  abstract readBack(
    manager: EntityManager,
    phase: Phase,
    batchId: string,
    persons: readonly PersonKeys[],
    from: Cursor | null,
  ): Promise<ReadBackStep>;

  /**
   * The rest of it: other statements, every tie of every collection of the phase, every key. Nothing returned means that
   * nothing is left. Once at most per person, collection and reason.
   *
   * @param overwritten what `readBack` has found to remain of these persons; comes back as well
   */
  abstract probe(
    manager: EntityManager,
    phase: Phase,
    persons: readonly PersonKeys[],
    scope: Scope,
    overwritten: readonly RemainingRows[],
  ): Promise<readonly RemainingRows[]>;

  /** Looks in the covered bots for rows tied by these values. */
  abstract findByValue(
    manager: EntityManager,
    queries: readonly ValueQuery[],
    scope: Scope,
  ): Promise<readonly ValueHit[]>;

  /**
   * When the space of erased rows becomes free, as far as it can be seen now. Looks at no rows. In a transaction that has
   * read nothing of sessions before.
   */
  abstract reclaimSight(manager: EntityManager): Promise<ReclaimSight>;

  /** What this store holds that the request does not erase, and why. */
  abstract notCovered(scope: Pick<Scope, 'allBots'>): readonly NotCovered[];
}
