import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { groupBy } from '../../common/group-by.js';
import { workCounters } from '../../common/metrics/work-counters.js';
import { afterCommit } from '../../database/after-commit.js';
import { preparedSql } from '../../database/prepared-sql.js';
import { sql } from '../../database/sql.js';
import { type ErasedRows } from '../../stores/store.js';
import { statusesBefore, type SubjectReason, type SubjectStatus } from '../erasure-status.js';
import { updateEntries } from '../roll-up/count-ended.js';

/** How one person ended. */
export interface Outcome {
  readonly person: string;
  readonly status: Extract<SubjectStatus, 'SUCCESS' | 'PROTECTED' | 'FAILED'>;
  readonly reason: SubjectReason | null;
}

/** A person of a batch who has not ended yet. */
export interface OpenPerson {
  readonly id: string;
  readonly personHash: Buffer;
  readonly keySet: Buffer;
}

/** Writes what erasing did to persons, in the transaction that did it. */
@Injectable()
export class OutcomeRepository {
  async openPersons(
    manager: EntityManager,
    batchId: string,
    requestId: string,
  ): Promise<readonly OpenPerson[]> {
    return sql<OpenPerson>(
      manager,
      `SELECT id, person_hash AS "personHash", key_set AS "keySet" FROM expunge.erasure_persons
       WHERE batch_id = $1 AND request_id IS NOT DISTINCT FROM $2 AND status = 'IN_PROGRESS' ORDER BY id`,
      [batchId, requestId],
    );
  }

  /** Adds to the counts of the persons, and to those of their batch. */
  async addCounts(manager: EntityManager, batchId: string, erased: readonly ErasedRows[]): Promise<void> {
    const sums = new Map<string, ErasedRows>();
    for (const row of erased) {
      if (row.rows === 0) continue;
      const name = `${row.person} ${row.collection}`;
      sums.set(name, { ...row, rows: row.rows + (sums.get(name)?.rows ?? 0) });
    }
    const rows = [...sums.values()];
    if (rows.length === 0) return;
    afterCommit(manager, () => {
      for (const row of rows) workCounters.rowsErased.inc({ collection: row.collection }, row.rows);
    });
    await preparedSql(
      manager,
      `WITH erased AS MATERIALIZED (
         SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[]) AS e (person, collection, rows)
       ), counted AS (
         INSERT INTO expunge.erasure_counts AS c (person_id, collection, rows) SELECT person, collection, rows FROM erased
         ON CONFLICT (person_id, collection) DO UPDATE SET rows = c.rows + excluded.rows
       )
       INSERT INTO expunge.erasure_batch_counts AS b (batch_id, collection, rows)
       SELECT $4, collection, sum(rows) FROM erased GROUP BY collection
       ON CONFLICT (batch_id, collection) DO UPDATE SET rows = b.rows + excluded.rows`,
      [
        rows.map((row) => row.person),
        rows.map((row) => row.collection),
        rows.map((row) => row.rows),
        batchId,
      ],
    );
  }

  /**
   * Ends persons and every entry that means them; a statement or two for each way to end. States only move forward: who
   * has ended already stays as they are.
   */
  async settle(manager: EntityManager, requestId: string, outcomes: readonly Outcome[]): Promise<void> {
    const ways = groupBy(outcomes, ({ status, reason }) => `${status} ${reason ?? ''}`);
    for (const alike of ways.values()) {
      const [first] = alike;
      if (first)
        await this.settleAlike(
          manager,
          requestId,
          first,
          alike.map(({ person }) => person),
        );
    }
  }

  /**
   * Ids go through this process, and no index by request is used, for the planner's sake: see ClaimsRepository.begin. For its
   * sake too a person's counts are not asked for by EXISTS: it would rather read those of everybody once.
   */
  private async settleAlike(
    manager: EntityManager,
    requestId: string,
    { status, reason }: Outcome,
    persons: readonly string[],
  ): Promise<void> {
    const before = statusesBefore(status).filter((from) => from !== 'PENDING');
    const settled = await preparedSql<{ id: string }>(
      manager,
      `UPDATE expunge.erasure_persons p
       SET status = $3, reason = $4,
           erased_on = CASE WHEN $3 = 'SUCCESS' THEN date_trunc('milliseconds', clock_timestamp()) END,
           partly_erased = $3 <> 'SUCCESS' AND (
             SELECT c.person_id FROM expunge.erasure_counts c WHERE c.person_id = ANY (ARRAY[p.id]) LIMIT 1
           ) IS NOT NULL
       WHERE p.id = ANY ($1::bigint[]) AND p.request_id IS NOT DISTINCT FROM $2 AND p.status = ANY ($5::text[])
       RETURNING p.id`,
      [persons, requestId, status, reason, before],
    );
    if (settled.length === 0) return;
    await updateEntries(
      manager,
      `UPDATE expunge.erasure_subjects SET status = $3, reason = $4, last_updated_on = clock_timestamp()
       WHERE person_id = ANY ($1::bigint[]) AND request_id IS NOT DISTINCT FROM $2 AND status = ANY ($5::text[])
       RETURNING status, reason`,
      [settled.map(({ id }) => id), requestId, status, reason, before],
      preparedSql,
    );
  }
}
