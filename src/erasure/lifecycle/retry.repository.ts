import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { sql } from '../../database/sql.js';
import { retriedStatuses } from '../erasure-status.js';

/** Opens another round of a settled request whose row is held. */
@Injectable()
export class RetryRepository {
  /**
   * Keeps how those entries ended that a retry judges again.
   *
   * @returns how many
   */
  async keepAttempts(manager: EntityManager, requestId: string, round: number): Promise<number> {
    const [kept] = await sql<{ entries: number }>(
      manager,
      `WITH kept AS (
         INSERT INTO expunge.erasure_attempts
           (request_id, position, round, status, reason, matched_by, partly_erased, ended_on)
         SELECT s.request_id, s.position, $2, s.status, s.reason, s.matched_by, COALESCE(p.partly_erased, false),
                s.last_updated_on
         FROM expunge.erasure_subjects s LEFT JOIN expunge.erasure_persons p ON p.id = s.person_id
         WHERE s.request_id = $1 AND s.status = ANY ($3::text[])
         RETURNING 1
       ) SELECT count(*)::int AS entries FROM kept`,
      [requestId, round, retriedStatuses],
    );
    return kept?.entries ?? 0;
  }

  /**
   * Whoever has a key set is erased by it, in a batch to be cut; an entry that means nobody yet is resolved anew. Both is what
   * planning does, so the request is to be planned again. When it is due does not change.
   */
  async open(manager: EntityManager, requestId: string): Promise<void> {
    await sql(
      manager,
      `UPDATE expunge.erasure_persons SET status = 'PENDING', reason = NULL, batch_id = NULL, probe_rounds = 0
       WHERE request_id = $1 AND status = ANY ($2::text[])`,
      [requestId, retriedStatuses],
    );
    await sql(
      manager,
      `UPDATE expunge.erasure_subjects
       SET status = 'PENDING', reason = NULL, last_updated_on = clock_timestamp(),
           matched_by = CASE WHEN person_id IS NOT NULL THEN matched_by END,
           planned_on = CASE WHEN person_id IS NOT NULL THEN planned_on END
       WHERE request_id = $1 AND status = ANY ($2::text[])`,
      [requestId, retriedStatuses],
    );
    await sql(
      manager,
      `UPDATE expunge.erasure_requests
       SET status = 'in-progress', round = round + 1, planned_on = NULL, settled_on = NULL, attempts = 0,
           fence = fence + 1, worker = NULL, lease_until = NULL, not_before = clock_timestamp(),
           last_updated_on = clock_timestamp()
       WHERE id = $1`,
      [requestId],
    );
  }
}
