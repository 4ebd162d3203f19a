import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { sql } from '../../database/sql.js';
import { removeNotes } from './overwrite-notes.js';

/** What hangs on a request, in the order in which it goes; `place` says which rows are first, and is in an index with it. */
const parts = [
  { table: 'expunge.erasure_attempts', place: 'position' },
  { table: 'expunge.erasure_subjects', place: 'position' },
  { table: 'expunge.erasure_persons', place: 'person_hash' },
] as const;
const batches = { table: 'expunge.erasure_batches', place: 'id' } as const;

type Part = (typeof parts)[number] | typeof batches;

/**
 * Forgets requests with all that hangs on them. A request may have a million entries, so it is hidden first, in one update,
 * and then its rows go some at a time: one statement for all of them would outlast every time-out.
 */
@Injectable()
export class ForgettingRepository {
  /** Uploads of which nothing was heard any more: whoever received them has died. At most `limit`. */
  async hideAbandoned(manager: EntityManager, limit: number): Promise<void> {
    await sql(
      manager,
      `WITH abandoned AS MATERIALIZED (
         SELECT id FROM expunge.erasure_requests
         WHERE status = 'uploading' AND lease_until < clock_timestamp()
         ORDER BY lease_until LIMIT $1 FOR UPDATE SKIP LOCKED
       )
       UPDATE expunge.erasure_requests r SET status = 'forgotten'
       FROM abandoned a WHERE r.id = a.id AND r.status = 'uploading'`,
      [limit],
    );
  }

  /** Requests that were settled longer ago than `retention` (ISO 8601). At most `limit`. */
  async hideSettled(manager: EntityManager, retention: string, limit: number): Promise<void> {
    await sql(
      manager,
      `WITH old AS MATERIALIZED (
         SELECT id FROM expunge.erasure_requests
         WHERE settled_on < clock_timestamp() - $1::interval AND status <> 'forgotten'
         ORDER BY settled_on LIMIT $2 FOR UPDATE SKIP LOCKED
       )
       UPDATE expunge.erasure_requests r SET status = 'forgotten'
       FROM old WHERE r.id = old.id AND r.settled_on < clock_timestamp() - $1::interval`,
      [retention, limit],
    );
  }

  /**
   * Removes at most `rows` rows of one hidden request, and the request itself once nothing hangs on it any more.
   * @returns whether there was anything to do
   */
  async removeSome(manager: EntityManager, rows: number): Promise<boolean> {
    const [request] = await sql<{ id: string }>(
      manager,
      `SELECT id FROM expunge.erasure_requests WHERE status = 'forgotten' LIMIT 1 FOR UPDATE SKIP LOCKED`,
    );
    if (!request) return false;
    for (const part of parts) if (await this.removeFirst(manager, part, request.id, rows)) return true;
    // A batch that never got to its end has notes still, and may have a million.
    if (await this.removeNotes(manager, request.id, rows)) return true;
    if (await this.removeFirst(manager, batches, request.id, rows)) return true;
    await sql(
      manager,
      `DELETE FROM expunge.erasure_requests WHERE id = $1 AND status = 'forgotten' RETURNING id`,
      [request.id],
    );
    return true;
  }

  /** Of the batches that go next: all of a request's would be looked through again for each of them. */
  private async removeNotes(manager: EntityManager, requestId: string, rows: number): Promise<boolean> {
    const [noted] = await sql<{ id: string }>(
      manager,
      `SELECT b.id FROM (
         SELECT id FROM ${batches.table} WHERE request_id = $1 ORDER BY ${batches.place} LIMIT $2
       ) b CROSS JOIN LATERAL (
         SELECT FROM expunge.erasure_overwrites n
         WHERE n.batch_id = b.id ORDER BY n.collection, n.person_id, n.id LIMIT 1
       ) found LIMIT 1`,
      [requestId, rows],
    );
    if (!noted) return false;
    const { removed } = await removeNotes(manager, noted.id, null, rows);
    return removed > 0;
  }

  /**
   * Up to a place that was looked up before: given the rows as a list, the planner, which has no statistics of rows this
   * young, would compare each with each.
   */
  private async removeFirst(
    manager: EntityManager,
    { table, place }: Part,
    requestId: string,
    rows: number,
  ): Promise<boolean> {
    const [end] = await sql<{ place: unknown }>(
      manager,
      `SELECT ${place} AS place FROM ${table} WHERE request_id = $1 ORDER BY ${place} LIMIT 1 OFFSET $2`,
      [requestId, rows],
    );
    const gone = await sql(
      manager,
      `DELETE FROM ${table} WHERE request_id = $1 ${end ? `AND ${place} < $2` : ''} RETURNING request_id`,
      end ? [requestId, end.place] : [requestId],
    );
    return gone.length > 0;
  }
}
