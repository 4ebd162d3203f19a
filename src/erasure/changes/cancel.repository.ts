import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { sql } from '../../database/sql.js';
import { type ChangedPage, type Decided } from './changed-page.js';

/** Cancels what has not begun, in a request whose row is held. */
@Injectable()
export class CancelRepository {
  /**
   * From now on nothing of it begins: whoever plans it loses the claim, and nobody gets it again; batches that were never
   * claimed are settled. Waiting ones are locked first: a claim either has committed, and then their entries have begun, or
   * finds nothing to claim. So exactly the entries that are PENDING now will be CANCELLED.
   *
   * @returns how many entries, and how many are being erased
   */
  async decide(manager: EntityManager, requestId: string): Promise<Decided & { readonly begun: number }> {
    await sql(
      manager,
      `SELECT FROM expunge.erasure_batches WHERE request_id = $1 AND state = 'WAITING' ORDER BY id FOR UPDATE`,
      [requestId],
    );
    // Whoever claims a batch begins all who are PENDING in it.
    await sql(
      manager,
      `UPDATE expunge.erasure_batches b SET state = 'SETTLED', settled_on = clock_timestamp()
       WHERE b.request_id = $1 AND b.state = 'WAITING' AND EXISTS (
         SELECT FROM expunge.erasure_persons p WHERE p.batch_id = b.id AND p.status = 'PENDING')`,
      [requestId],
    );
    await sql(
      manager,
      `UPDATE expunge.erasure_requests
       SET changing = 'CANCEL', fence = fence + 1, worker = NULL,
           lease_until = CASE WHEN planned_on IS NULL THEN 'infinity'::timestamptz END
       WHERE id = $1`,
      [requestId],
    );
    const [entries, begun] = [
      await this.count(manager, requestId, 'PENDING'),
      await this.count(manager, requestId, 'IN_PROGRESS'),
    ];
    return { entries, begun };
  }

  /** Persons first: locks are taken in one order. */
  async changePage(manager: EntityManager, { requestId, after, last, persons }: ChangedPage): Promise<void> {
    await sql(
      manager,
      `UPDATE expunge.erasure_persons SET status = 'CANCELLED', reason = NULL
       WHERE id = ANY ($2::bigint[]) AND request_id = $1 AND status = 'PENDING'`,
      [requestId, persons],
    );
    await sql(
      manager,
      `UPDATE expunge.erasure_subjects
       SET status = 'CANCELLED', reason = NULL, last_updated_on = clock_timestamp()
       WHERE request_id = $1 AND status = 'PENDING' AND position > $2 AND position <= $3`,
      [requestId, after, last],
    );
  }

  /**
   * Nothing is left to be planned. But where somebody is erased, it has still to be told what is not covered: then planning
   * comes to its end.
   */
  async end(manager: EntityManager, requestId: string): Promise<void> {
    await sql(
      manager,
      `UPDATE expunge.erasure_requests r
       SET changing = NULL, lease_until = NULL,
           planned_on = CASE WHEN r.planned_on IS NULL AND NOT EXISTS (
             SELECT FROM expunge.erasure_subjects s WHERE s.request_id = r.id AND s.status IN ('IN_PROGRESS', 'SUCCESS')
           ) THEN clock_timestamp() ELSE r.planned_on END
       WHERE r.id = $1`,
      [requestId],
    );
  }

  private async count(
    manager: EntityManager,
    requestId: string,
    status: 'PENDING' | 'IN_PROGRESS',
  ): Promise<number> {
    const [row] = await sql<{ entries: number }>(
      manager,
      `SELECT count(*)::int AS entries FROM expunge.erasure_subjects WHERE request_id = $1 AND status = $2`,
      [requestId, status],
    );
    return row?.entries ?? 0;
  }
}
