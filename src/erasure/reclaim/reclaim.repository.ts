import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { sql } from '../../database/sql.js';
import { type CollectionState, type Credit } from './reclaim-state.js';

export interface WatchedCollection {
  readonly collection: string;
  readonly state: CollectionState;
}

/** Since when what a transaction erased from a collection has been free. */
export interface Freed {
  readonly settledBy: string;
  readonly collection: string;
  readonly since: Date;
}

/** Any number: nothing else takes this lock. */
const WATCH_LOCK = 7_304_112_655;

/** Remembers what looks at vacuums have shown. */
@Injectable()
export class ReclaimRepository {
  /** Until the transaction ends only one process looks. False: another one does, or has done so within the last seconds. */
  async begin(manager: EntityManager, everySeconds: number): Promise<boolean> {
    const [row] = await sql<{ mine: boolean }>(
      manager,
      `SELECT pg_try_advisory_xact_lock($1) AND NOT EXISTS (
         SELECT FROM expunge.reclaim_watch WHERE looked_on > clock_timestamp() - make_interval(secs => $2)
       ) AS mine`,
      [WATCH_LOCK, everySeconds],
    );
    return row?.mine === true;
  }

  /**
   * Ids of transactions that have gone back are those of another cluster, into which all this was restored from a dump:
   * by the old ones, what is erased now would count as free since before it was erased.
   */
  async forgetOtherCluster(manager: EntityManager): Promise<void> {
    await sql(
      manager,
      `WITH other AS MATERIALIZED (
         SELECT FROM expunge.reclaim_watch
         WHERE (state ->> 'next')::bigint > pg_snapshot_xmax(pg_current_snapshot())::text::bigint LIMIT 1
       ), watch AS (DELETE FROM expunge.reclaim_watch WHERE EXISTS (SELECT FROM other))
       DELETE FROM expunge.reclaim_credits WHERE EXISTS (SELECT FROM other)`,
    );
  }

  /** Whether batches have been settled that are not free in all collections yet. */
  async hasOpenBatches(manager: EntityManager): Promise<boolean> {
    const [row] = await sql<{ open: boolean }>(
      manager,
      `SELECT EXISTS (
         SELECT FROM expunge.erasure_batches WHERE settled_by IS NOT NULL
           AND settled_by >= (SELECT COALESCE(min(clean_below), 0) FROM expunge.reclaim_watch)
       ) AS open`,
    );
    return row?.open === true;
  }

  async watched(manager: EntityManager): Promise<readonly WatchedCollection[]> {
    return sql<WatchedCollection>(manager, 'SELECT collection, state FROM expunge.reclaim_watch');
  }

  async save(manager: EntityManager, watched: readonly WatchedCollection[]): Promise<void> {
    await sql(
      manager,
      `INSERT INTO expunge.reclaim_watch AS w (collection, state, looked_on)
       SELECT *, clock_timestamp() FROM unnest($1::text[], $2::jsonb[])
       ON CONFLICT (collection) DO UPDATE SET state = excluded.state, looked_on = excluded.looked_on`,
      [watched.map(({ collection }) => collection), watched.map(({ state }) => JSON.stringify(state))],
    );
  }

  /** Keeps the credit where batches gain by it: on a busy table most vacuums free nothing of ours. */
  async credit(manager: EntityManager, collection: string, { below, since }: Credit): Promise<void> {
    await sql(
      manager,
      `WITH gained AS (
         UPDATE expunge.reclaim_watch w SET clean_below = $2
         FROM (SELECT clean_below FROM expunge.reclaim_watch WHERE collection = $1) before
         WHERE w.collection = $1 AND w.clean_below < $2 AND EXISTS (
           SELECT FROM expunge.erasure_batches b WHERE b.settled_by >= before.clean_below AND b.settled_by < $2
         ) RETURNING w.collection
       )
       INSERT INTO expunge.reclaim_credits (collection, below, since) SELECT collection, $2, $3 FROM gained`,
      [collection, below, since],
    );
  }

  /** Requests that were settled earlier are forgotten as well. @param retention ISO 8601 */
  async forget(manager: EntityManager, retention: string): Promise<void> {
    await sql(manager, 'DELETE FROM expunge.reclaim_credits WHERE since < clock_timestamp() - $1::interval', [
      retention,
    ]);
  }

  /**
   * For each of the transactions and collections; those that are not free are left out. Nothing was free before it was
   * settled, whatever the ids say.
   */
  async freed(
    manager: EntityManager,
    settledBy: readonly string[],
    collections: readonly string[],
  ): Promise<readonly Freed[]> {
    return sql<Freed>(
      manager,
      `SELECT b.settled_by AS "settledBy", c.collection, found.since
       FROM unnest($1::bigint[]) AS b (settled_by) CROSS JOIN unnest($2::text[]) AS c (collection)
       CROSS JOIN LATERAL (
         SELECT r.since FROM expunge.reclaim_credits r
         WHERE r.collection = c.collection AND r.below > b.settled_by
           AND r.since >= (SELECT max(settled_on) FROM expunge.erasure_batches WHERE settled_by = b.settled_by)
         ORDER BY r.below LIMIT 1
       ) found`,
      [settledBy, collections],
    );
  }
}
