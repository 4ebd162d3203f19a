import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Settings } from '../../config/settings.js';
import { sql } from '../../database/sql.js';
import { inTransaction } from '../../database/transaction.js';

/** Nothing is counted beyond: what is so much needs no exact number, and asking must stay cheap. */
export const MOST_COUNTED = 10_000;

/** How things stand, over all accounts and processes. */
export interface Backlog {
  readonly plansWaiting: number;
  readonly batchesWaiting: number;
  readonly unsettled: number;
  /** Unsettled an hour after they could have begun. */
  readonly overdue: number;
  /** Since the one that could have begun first could have; 0 when none waits. */
  readonly oldestSeconds: number;
  /** Entries that ended so, in requests due within 7 days, or since as long. */
  readonly failedNearDue: number;
  readonly protectedNearDue: number;
  /** Entries refused in the last 24 h since their rows are not what was accepted. */
  readonly integrityFailures: number;
  /** Pauses that hold work at the moment: everybody's, accounts', requests'. */
  readonly pauses: number;
}

/** Looks at what there is to do, and at what should not be. */
@Injectable()
export class BacklogRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly settings: Settings,
  ) {}

  /** One statement; each part of it reads an index, and at most so many of its entries. @throws DatabaseFault */
  async read(): Promise<Backlog> {
    return inTransaction(this.dataSource, this.settings, null, async (manager) => {
      const [backlog] = await sql<Backlog>(manager, statement, [MOST_COUNTED]);
      if (!backlog) throw new Error('a statement without its row');
      return backlog;
    });
  }
}

/** In requests that are settled as `completed` or `cancelled` nothing is FAILED or PROTECTED. */
export const statement = `
  WITH open AS MATERIALIZED (
    SELECT not_before FROM expunge.erasure_requests
    WHERE settled_on IS NULL AND status = 'in-progress' AND not_before <= statement_timestamp()
    ORDER BY not_before LIMIT $1
  ), near_due AS MATERIALIZED (
    SELECT s.status FROM (
      SELECT id FROM expunge.erasure_requests
      WHERE status IN ('in-progress', 'partial', 'failed')
        AND due_on > statement_timestamp() - interval '7 days'
        AND due_on <= statement_timestamp() + interval '7 days'
      ORDER BY due_on LIMIT $1
    ) r JOIN expunge.erasure_subjects s ON s.request_id = r.id AND s.status IN ('FAILED', 'PROTECTED')
    LIMIT $1
  )
  SELECT
    (SELECT count(*)::int FROM (
       SELECT FROM expunge.erasure_requests
       WHERE planned_on IS NULL AND not_before <= statement_timestamp() AND status = 'in-progress' LIMIT $1
     ) p) AS "plansWaiting",
    (SELECT count(*)::int FROM (
       SELECT FROM expunge.erasure_batches
       WHERE state = 'WAITING' AND not_before <= statement_timestamp() LIMIT $1
     ) b) AS "batchesWaiting",
    (SELECT count(*)::int FROM open) AS unsettled,
    (SELECT count(*)::int FROM open WHERE not_before < statement_timestamp() - interval '1 hour') AS overdue,
    COALESCE((SELECT extract(epoch FROM statement_timestamp() - min(not_before))::float8 FROM open), 0)
      AS "oldestSeconds",
    (SELECT count(*)::int FROM near_due WHERE status = 'FAILED') AS "failedNearDue",
    (SELECT count(*)::int FROM near_due WHERE status = 'PROTECTED') AS "protectedNearDue",
    (SELECT count(*)::int FROM (
       SELECT FROM expunge.erasure_subjects
       WHERE reason = 'INTEGRITY' AND last_updated_on > statement_timestamp() - interval '1 day' LIMIT $1
     ) i) AS "integrityFailures",
    (SELECT count(*)::int FROM (SELECT FROM expunge.pauses LIMIT $1) p) AS pauses`;
