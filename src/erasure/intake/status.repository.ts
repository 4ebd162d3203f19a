import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { sql } from '../../database/sql.js';
import { type MatchKind } from '../../users/user-reference.js';
import { holds } from '../run/brake.js';
import { type WaitReason } from '../run/pace/waiting.js';
import {
  hiddenStatuses,
  type RequestStatus,
  type SubjectReason,
  type SubjectStatus,
  subjectStatuses,
} from '../erasure-status.js';

export interface RequestRow {
  readonly id: string;
  readonly accountId: string;
  readonly clientId: string;
  readonly status: RequestStatus;
  readonly round: number;
  readonly allBots: boolean;
  readonly botIds: readonly string[];
  readonly reference: Buffer | null;
  readonly mac: Buffer;
  readonly receivedOn: Date;
  readonly dueOn: Date;
  readonly createdOn: Date;
  readonly lastUpdatedOn: Date;
  readonly total: number;
  readonly notCovered: readonly { readonly collection: string; readonly reason: string }[] | null;
}

export interface SubjectRow {
  readonly position: number;
  readonly entry: Buffer;
  readonly status: SubjectStatus;
  readonly reason: SubjectReason | null;
  readonly matchedBy: readonly MatchKind[] | null;
  readonly sameAs: number | null;
  readonly partlyErased: boolean | null;
  readonly erasedOn: Date | null;
  readonly erased: Readonly<Record<string, number>> | null;
  /** Transaction after which all of the person was erased; null: not yet. */
  readonly settledBy: string | null;
  readonly lastUpdatedOn: Date;
}

export interface StatusCount {
  readonly status: SubjectStatus;
  readonly count: number;
}

/** What the longest waiting batch of a request waits for. */
export interface WaitingRow {
  readonly reason: WaitReason;
  readonly since: Date;
}

/** Since when the request rests, and who said so. */
export interface PausedRow {
  readonly since: Date;
  readonly by: string;
}

/** Reads what became of a request. */
@Injectable()
export class StatusRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** null when there is no such request of the account. */
  async request(accountId: string, requestId: string): Promise<RequestRow | null> {
    const [row] = await sql<RequestRow>(
      this.dataSource.manager,
      `SELECT id, account_id AS "accountId", client_id AS "clientId", status, round, all_bots AS "allBots",
              bot_ids AS "botIds", reference, mac, received_on AS "receivedOn", due_on AS "dueOn",
              created_on AS "createdOn", last_updated_on AS "lastUpdatedOn", total, not_covered AS "notCovered"
       FROM expunge.erasure_requests WHERE id = $1 AND account_id = $2 AND status <> ALL ($3::text[])`,
      [requestId, accountId, hiddenStatuses],
    );
    return row ?? null;
  }

  /** null where nobody waits. A worker that gives no sign of life any more does not wait: it is gone. */
  async waiting(requestId: string): Promise<WaitingRow | null> {
    const [row] = await sql<WaitingRow>(
      this.dataSource.manager,
      `SELECT waiting_for AS reason, waiting_since AS since FROM (
         SELECT waiting_for, waiting_since, lease_until FROM expunge.erasure_batches
         WHERE request_id = $1 AND state = 'RUNNING'
         UNION ALL
         SELECT waiting_for, waiting_since, lease_until FROM expunge.erasure_requests
         WHERE id = $1 AND planned_on IS NULL AND worker IS NOT NULL
       ) worked_on
       WHERE waiting_for IS NOT NULL AND lease_until > clock_timestamp() ORDER BY waiting_since LIMIT 1`,
      [requestId],
    );
    return row ?? null;
  }

  /** The first of the pauses that hold the request; null when none does. */
  async paused({ accountId, id }: RequestRow): Promise<PausedRow | null> {
    const [row] = await sql<PausedRow>(
      this.dataSource.manager,
      `SELECT p.paused_on AS since, p.paused_by AS by FROM expunge.pauses p
       WHERE ${holds('$1', '$2')} ORDER BY p.paused_on, p.id LIMIT 1`,
      [accountId, id],
    );
    return row ?? null;
  }

  /**
   * Each status is counted in the index, which vacuum has soon seen: up to a million entries are not read themselves at each
   * look, nor those of other requests.
   */
  async counts(requestId: string): Promise<readonly StatusCount[]> {
    return sql<StatusCount>(
      this.dataSource.manager,
      `SELECT wanted.status, found.count FROM unnest($2::text[]) AS wanted (status)
       CROSS JOIN LATERAL (
         SELECT count(*)::int AS count FROM expunge.erasure_subjects s
         WHERE s.request_id = $1 AND s.status = wanted.status
       ) found
       WHERE found.count > 0`,
      [requestId, subjectStatuses],
    );
  }

  /** Rows erased of all persons of the request, by collection; from the sums of its batches, not from every person's. */
  async erased(requestId: string): Promise<Readonly<Record<string, number>>> {
    const rows = await sql<{ collection: string; rows: string }>(
      this.dataSource.manager,
      `SELECT c.collection, sum(c.rows) AS rows
       FROM expunge.erasure_batches b JOIN expunge.erasure_batch_counts c ON c.batch_id = b.id
       WHERE b.request_id = $1 GROUP BY c.collection ORDER BY c.collection`,
      [requestId],
    );
    return Object.fromEntries(rows.map((row) => [row.collection, Number(row.rows)]));
  }

  /** Up to `limit` subjects from `first` on, in the order sent. An entry with `sameAs` has no counts of its own. */
  async subjects(
    requestId: string,
    page: { readonly first: number; readonly limit: number; readonly status: SubjectStatus | null },
  ): Promise<readonly SubjectRow[]> {
    // Said only where it is wanted: an index serves either statement, and none both.
    const filter = page.status === null ? '' : 'AND s.status = $4';
    return sql<SubjectRow>(
      this.dataSource.manager,
      `SELECT s.position, s.entry, s.status, s.reason, s.matched_by AS "matchedBy", s.same_as AS "sameAs",
              p.partly_erased AS "partlyErased", p.erased_on AS "erasedOn",
              CASE WHEN s.same_as IS NULL THEN
                (SELECT jsonb_object_agg(c.collection, c.rows) FROM expunge.erasure_counts c WHERE c.person_id = s.person_id)
              END AS erased, b.settled_by AS "settledBy", s.last_updated_on AS "lastUpdatedOn"
       FROM expunge.erasure_subjects s LEFT JOIN expunge.erasure_persons p ON p.id = s.person_id
         LEFT JOIN expunge.erasure_batches b ON b.id = p.batch_id
       WHERE s.request_id = $1 AND s.position >= $2 ${filter}
       ORDER BY s.position LIMIT $3`,
      [requestId, page.first, page.limit, ...(page.status === null ? [] : [page.status])],
    );
  }
}
