import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { workCounters } from '../../common/metrics/work-counters.js';
import { afterCommit } from '../../database/after-commit.js';
import { sql } from '../../database/sql.js';
import { type RequestStatus, rollUp, type SubjectStatus, subjectStatuses } from '../erasure-status.js';

/** Derives the status of requests from their subjects. */
@Injectable()
export class RollUpRepository {
  /**
   * Locks the request's row before it reads the subjects: of two batches that end at once, each would see the other
   * unfinished, and nobody would settle the request. Each status is looked up in the index: reading all entries whenever a
   * batch ends would take the square of their number.
   */
  async rollUp(manager: EntityManager, requestId: string): Promise<RequestStatus> {
    await this.hold(manager, requestId);
    const rows = await sql<{ status: SubjectStatus }>(
      manager,
      `SELECT wanted.status FROM unnest($2::text[]) AS wanted (status)
       CROSS JOIN LATERAL (
         SELECT FROM expunge.erasure_subjects s
         WHERE s.request_id = $1 AND s.status = ANY (ARRAY[wanted.status]) ORDER BY s.status LIMIT 1
       ) found`,
      [requestId, subjectStatuses],
    );
    const status = rollUp(new Set(rows.map((row) => row.status)));
    const [row] = await sql<{ wasOpen: boolean }>(
      manager,
      `UPDATE expunge.erasure_requests
       SET status = $2, last_updated_on = clock_timestamp(),
           settled_on = CASE WHEN $2 = 'in-progress' THEN NULL ELSE clock_timestamp() END
       WHERE id = $1
       RETURNING (SELECT settled_on IS NULL FROM expunge.erasure_requests WHERE id = $1) AS "wasOpen"`,
      [requestId, status],
    );
    if (row?.wasOpen && status !== 'in-progress')
      afterCommit(manager, () => {
        workCounters.requestsSettled.inc({ status });
      });
    return status;
  }

  /** Locks the request's row: before its batches, persons and entries, whoever locks several of them. */
  async hold(manager: EntityManager, requestId: string): Promise<void> {
    await sql(manager, 'SELECT FROM expunge.erasure_requests WHERE id = $1 FOR UPDATE', [requestId]);
  }

  /** Requests whose batches are all settled and which are not: somebody died between. At most `limit`. */
  async overdue(manager: EntityManager, limit: number): Promise<readonly string[]> {
    const rows = await sql<{ id: string }>(
      manager,
      `SELECT r.id FROM expunge.erasure_requests r
       WHERE r.settled_on IS NULL AND r.planned_on IS NOT NULL
         AND NOT EXISTS (SELECT FROM expunge.erasure_batches b WHERE b.request_id = r.id AND b.state <> 'SETTLED')
       ORDER BY r.created_on LIMIT $1`,
      [limit],
    );
    return rows.map((row) => row.id);
  }
}
