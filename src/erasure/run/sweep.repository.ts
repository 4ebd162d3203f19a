import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { sql } from '../../database/sql.js';

/** What the sweep tidies up, each bounded by `limit`. */
@Injectable()
export class SweepRepository {
  /** Says of those who wait that the platform has drifted from the data map. */
  async markDrift(manager: EntityManager, limit: number): Promise<void> {
    await sql(
      manager,
      `UPDATE expunge.erasure_subjects s SET reason = 'DATA_MAP_DRIFT', last_updated_on = clock_timestamp()
       FROM (
         SELECT w.request_id, w.position
         FROM expunge.erasure_requests r JOIN expunge.erasure_subjects w ON w.request_id = r.id
         WHERE r.settled_on IS NULL AND r.not_before <= clock_timestamp() AND w.status = 'PENDING' AND w.reason IS NULL
         LIMIT $1
       ) waiting
       WHERE s.request_id = waiting.request_id AND s.position = waiting.position AND s.status = 'PENDING'`,
      [limit],
    );
  }

  /** Says so no more of at most `limit` of them. @returns whether there may be more */
  async unmarkDrift(manager: EntityManager, limit: number): Promise<boolean> {
    const rows = await sql(
      manager,
      `UPDATE expunge.erasure_subjects s SET reason = NULL, last_updated_on = clock_timestamp()
       FROM (
         SELECT w.request_id, w.position
         FROM expunge.erasure_requests r JOIN expunge.erasure_subjects w ON w.request_id = r.id
         WHERE r.settled_on IS NULL AND w.status = 'PENDING' AND w.reason = 'DATA_MAP_DRIFT'
         LIMIT $1
       ) marked
       WHERE s.request_id = marked.request_id AND s.position = marked.position
         AND s.status = 'PENDING' AND s.reason = 'DATA_MAP_DRIFT'
       RETURNING s.position`,
      [limit],
    );
    return rows.length === limit;
  }

  /** Forgets keys of calls that have run out. */
  async forgetIdempotencyKeys(manager: EntityManager, limit: number): Promise<void> {
    await sql(
      manager,
      `WITH expired AS MATERIALIZED (
         SELECT client_id, key_hash FROM expunge.idempotency_keys
         WHERE expires_on <= clock_timestamp() ORDER BY expires_on LIMIT $1 FOR UPDATE SKIP LOCKED)
       DELETE FROM expunge.idempotency_keys k USING expired e
       WHERE k.client_id = e.client_id AND k.key_hash = e.key_hash AND k.expires_on <= clock_timestamp()`,
      [limit],
    );
  }
}
