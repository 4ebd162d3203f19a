import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { sql } from '../../database/sql.js';
import { retriedStatuses } from '../erasure-status.js';
import { type ChangedPage, type Decided } from './changed-page.js';

/** Opens another round of a settled request whose row is held. */
@Injectable()
export class RetryRepository {
  /**
   * Begins the round, unless nobody is to be judged again. The request is to be planned again: whoever has a key set is
   * erased by it, in a batch to be cut, and an entry that means nobody yet is resolved anew. But nobody plans it before all
   * entries are open. When it is due does not change.
   *
   * @returns how many entries
   */
  async decide(manager: EntityManager, requestId: string): Promise<Decided> {
    const [row] = await sql<Decided>(
      manager,
      `SELECT count(*)::int AS entries FROM expunge.erasure_subjects WHERE request_id = $1 AND status = ANY ($2::text[])`,
      [requestId, retriedStatuses],
    );
    const entries = row?.entries ?? 0;
    if (entries > 0)
      await sql(
        manager,
        `UPDATE expunge.erasure_requests
         SET changing = 'RETRY', status = 'in-progress', round = round + 1, planned_on = NULL, settled_on = NULL,
             attempts = 0, fence = fence + 1, worker = NULL, lease_until = 'infinity', not_before = clock_timestamp(),
             last_updated_on = clock_timestamp()
         WHERE id = $1`,
        [requestId],
      );
    return { entries };
  }

  /**
   * Keeps how the entries ended, and opens them. Their persons are opened whatever became of them: else the entry of one who
   * did not end with it would wait for ever.
   */
  async changePage(manager: EntityManager, page: ChangedPage): Promise<void> {
    const { requestId, status, after, last } = page;
    await sql(
      manager,
      `INSERT INTO expunge.erasure_attempts
         (request_id, position, round, status, reason, matched_by, partly_erased, ended_on)
       SELECT s.request_id, s.position, $5, s.status, s.reason, s.matched_by, COALESCE(p.partly_erased, false),
              s.last_updated_on
       FROM expunge.erasure_subjects s LEFT JOIN expunge.erasure_persons p ON p.id = s.person_id
       WHERE s.request_id = $1 AND s.status = $2 AND s.position > $3 AND s.position <= $4`,
      [requestId, status, after, last, page.round - 1],
    );
    await sql(
      manager,
      `UPDATE expunge.erasure_persons SET status = 'PENDING', reason = NULL, batch_id = NULL, probe_rounds = 0
       WHERE id = ANY ($2::bigint[]) AND request_id = $1`,
      [requestId, page.persons],
    );
    await sql(
      manager,
      `UPDATE expunge.erasure_subjects
       SET status = 'PENDING', reason = NULL, last_updated_on = clock_timestamp(),
           matched_by = CASE WHEN person_id IS NOT NULL THEN matched_by END,
           planned_on = CASE WHEN person_id IS NOT NULL THEN planned_on END
       WHERE request_id = $1 AND status = $2 AND position > $3 AND position <= $4`,
      [requestId, status, after, last],
    );
  }

  /** Now it may be planned. */
  async end(manager: EntityManager, requestId: string): Promise<void> {
    await sql(
      manager,
      `UPDATE expunge.erasure_requests
       SET changing = NULL, lease_until = NULL, last_updated_on = clock_timestamp() WHERE id = $1`,
      [requestId],
    );
  }
}
