import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { sessionLockClass } from '../../database/session-lock.js';
import { sql } from '../../database/sql.js';
import { type NotCovered } from '../../stores/store.js';

/** One of two answers, by what the request covers. */
export interface NotCoveredBy {
  readonly allBots: readonly NotCovered[];
  readonly namedBots: readonly NotCovered[];
}

/** As long as this after its last sign a worker counts as one that may come back and go on with its data map. */
const SILENT_SECONDS = 30;
const ADOPTED_AT_ONCE = 500;

/** Who works, who is gone, and what becomes of what they had. */
@Injectable()
export class WorkerSignsRepository {
  /** @returns the number that names the worker's advisory lock */
  async sign(manager: EntityManager, id: string, dataMapHash: string, holdsLock: boolean): Promise<number> {
    const values = [id, dataMapHash, holdsLock];
    const [known] = await sql<{ number: number }>(
      manager,
      `UPDATE expunge.workers SET data_map_hash = $2, holds_lock = $3, seen_on = clock_timestamp()
       WHERE id = $1 RETURNING number`,
      values,
    );
    if (known) return known.number;
    const [made] = await sql<{ number: number }>(
      manager,
      `INSERT INTO expunge.workers (id, data_map_hash, holds_lock, seen_on)
       VALUES ($1, $2, $3, clock_timestamp()) RETURNING number`,
      values,
    );
    return made?.number ?? 0;
  }

  async leave(manager: EntityManager, id: string): Promise<void> {
    await sql(manager, 'DELETE FROM expunge.workers WHERE id = $1', [id]);
  }

  /**
   * Ends the leases of workers whose advisory lock is free: they are gone, nobody has to wait for the rest of their leases.
   * That is a hint as to when, no more: what keeps one from writing who was only cut off is the fence, as ever.
   *
   * @param id who asks
   */
  async endLeasesOfDead(manager: EntityManager, id: string): Promise<void> {
    const ends = (kind: string, table: string, running: string): string => `${kind} AS MATERIALIZED (
      SELECT w.id FROM ${table} w JOIN gone ON gone.id = w.worker
      WHERE ${running} AND w.lease_until > clock_timestamp() FOR UPDATE OF w SKIP LOCKED
    ), ${kind}_ended AS (
      UPDATE ${table} w SET lease_until = clock_timestamp() FROM ${kind} WHERE w.id = ${kind}.id
    )`;
    await sql(
      manager,
      `WITH gone AS MATERIALIZED (
         SELECT w.id::text AS id FROM expunge.workers w
         WHERE w.holds_lock AND w.id <> $1 AND NOT EXISTS (
           SELECT FROM pg_locks l
           WHERE l.locktype = 'advisory' AND l.classid = $2::integer::oid AND l.objid = w.number::oid AND l.objsubid = 2
             AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
         )
       ), ${ends('batch', 'expunge.erasure_batches', `w.state = 'RUNNING'`)},
       ${ends('plan', 'expunge.erasure_requests', 'w.planned_on IS NULL AND w.worker IS NOT NULL')}
       SELECT`,
      [id, sessionLockClass],
    );
  }

  /**
   * Cuts batches anew by this map that were cut by one which nobody works by any more. The persons of a batch were found
   * once and for all, and whoever runs it walks through every collection of its own map: so the batch is cut anew by saying
   * so, also one that was half done. What is not covered is told anew with it.
   */
  async adopt(manager: EntityManager, dataMapHash: string, notCovered: NotCoveredBy): Promise<void> {
    await sql(
      manager,
      `WITH RECURSIVE map (hash) AS (
         (SELECT data_map_hash FROM expunge.erasure_batches WHERE state = 'WAITING' ORDER BY data_map_hash LIMIT 1)
         UNION ALL
         SELECT (SELECT b.data_map_hash FROM expunge.erasure_batches b
                 WHERE b.state = 'WAITING' AND b.data_map_hash > map.hash ORDER BY b.data_map_hash LIMIT 1)
         FROM map WHERE map.hash IS NOT NULL
       ), served AS (
         SELECT data_map_hash AS hash FROM expunge.workers
         WHERE seen_on > clock_timestamp() - make_interval(secs => ${SILENT_SECONDS})
       ), waiting AS MATERIALIZED (
         SELECT b.id FROM map JOIN expunge.erasure_batches b ON b.data_map_hash = map.hash AND b.state = 'WAITING'
         WHERE map.hash <> $1 AND map.hash NOT IN (SELECT hash FROM served) LIMIT ${ADOPTED_AT_ONCE}
         FOR UPDATE OF b SKIP LOCKED
       ), orphaned AS MATERIALIZED (
         SELECT b.id FROM expunge.erasure_batches b
         WHERE b.state = 'RUNNING' AND b.lease_until < clock_timestamp() AND b.data_map_hash <> $1
           AND b.data_map_hash NOT IN (SELECT hash FROM served) LIMIT ${ADOPTED_AT_ONCE}
         FOR UPDATE OF b SKIP LOCKED
       ), adopted AS (
         UPDATE expunge.erasure_batches b SET data_map_hash = $1
         FROM (SELECT id FROM waiting UNION SELECT id FROM orphaned) alone WHERE b.id = alone.id
         RETURNING b.request_id
       )
       UPDATE expunge.erasure_requests r
       SET not_covered = CASE WHEN r.all_bots THEN $2::jsonb ELSE $3::jsonb END, last_updated_on = clock_timestamp()
       WHERE r.id IN (SELECT request_id FROM adopted)`,
      [dataMapHash, JSON.stringify(notCovered.allBots), JSON.stringify(notCovered.namedBots)],
    );
  }

  /** Forgets workers that have long been silent, and turns that are long past. */
  async forget(manager: EntityManager): Promise<void> {
    await sql(manager, `DELETE FROM expunge.workers WHERE seen_on < clock_timestamp() - interval '1 hour'`);
    await sql(
      manager,
      `DELETE FROM expunge.erasure_turns WHERE taken_on < clock_timestamp() - interval '1 day'`,
    );
  }
}
