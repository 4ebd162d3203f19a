import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { sql } from '../../database/sql.js';

/** Cancels what has not begun, in a request whose row is held. */
@Injectable()
export class CancelRepository {
  /**
   * Exactly the entries that are PENDING become CANCELLED, with their persons. Its waiting batches are locked first: a claim
   * either has committed, and then their entries have begun, or finds nothing to claim.
   *
   * @returns how many entries
   */
  async cancelPending(manager: EntityManager, requestId: string): Promise<number> {
    await sql(
      manager,
      `SELECT FROM expunge.erasure_batches WHERE request_id = $1 AND state = 'WAITING' ORDER BY id FOR UPDATE`,
      [requestId],
    );
    await sql(
      manager,
      `UPDATE expunge.erasure_persons SET status = 'CANCELLED', reason = NULL
       WHERE request_id = $1 AND status = 'PENDING'`,
      [requestId],
    );
    const [cancelled] = await sql<{ entries: number }>(
      manager,
      `WITH cancelled AS (
         UPDATE expunge.erasure_subjects
         SET status = 'CANCELLED', reason = NULL, last_updated_on = clock_timestamp()
         WHERE request_id = $1 AND status = 'PENDING' RETURNING 1
       ) SELECT count(*)::int AS entries FROM cancelled`,
      [requestId],
    );
    await this.settleEmptyBatches(manager, requestId);
    await this.endPlanning(manager, requestId);
    return cancelled?.entries ?? 0;
  }

  /** Entries that are being erased. */
  async countBegun(manager: EntityManager, requestId: string): Promise<number> {
    const [begun] = await sql<{ entries: number }>(
      manager,
      `SELECT count(*)::int AS entries FROM expunge.erasure_subjects
       WHERE request_id = $1 AND status = 'IN_PROGRESS'`,
      [requestId],
    );
    return begun?.entries ?? 0;
  }

  /** Nobody is left in them to be erased. */
  private async settleEmptyBatches(manager: EntityManager, requestId: string): Promise<void> {
    await sql(
      manager,
      `UPDATE expunge.erasure_batches b SET state = 'SETTLED', settled_on = clock_timestamp()
       WHERE b.request_id = $1 AND b.state = 'WAITING' AND NOT EXISTS (
         SELECT FROM expunge.erasure_persons p WHERE p.batch_id = b.id AND p.status IN ('PENDING', 'IN_PROGRESS'))`,
      [requestId],
    );
  }

  /**
   * Whoever plans the request loses the claim: a page that was judged before would store persons whom nobody wants erased
   * any more. Nothing is left to be planned, unless persons who have begun wait for being cut into batches again.
   */
  private async endPlanning(manager: EntityManager, requestId: string): Promise<void> {
    await sql(
      manager,
      `UPDATE expunge.erasure_requests r
       SET fence = r.fence + 1, worker = NULL, lease_until = NULL,
           planned_on = CASE WHEN NOT EXISTS (
             SELECT FROM expunge.erasure_subjects s WHERE s.request_id = r.id AND s.status = 'IN_PROGRESS'
           ) THEN clock_timestamp() END
       WHERE r.id = $1 AND r.planned_on IS NULL`,
      [requestId],
    );
  }
}
