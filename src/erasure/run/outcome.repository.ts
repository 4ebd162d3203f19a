import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { sql } from '../../database/sql.js';
import { type ErasedRows } from '../../stores/store.js';
import { statusesBefore, type SubjectReason, type SubjectStatus } from '../erasure-status.js';

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
       WHERE batch_id = $1 AND request_id = $2 AND status = 'IN_PROGRESS' ORDER BY id`,
      [batchId, requestId],
    );
  }

  async addCounts(manager: EntityManager, erased: readonly ErasedRows[]): Promise<void> {
    const sums = new Map<string, ErasedRows>();
    for (const row of erased) {
      if (row.rows === 0) continue;
      const name = `${row.person} ${row.collection}`;
      sums.set(name, { ...row, rows: row.rows + (sums.get(name)?.rows ?? 0) });
    }
    const rows = [...sums.values()];
    if (rows.length === 0) return;
    await sql(
      manager,
      `INSERT INTO expunge.erasure_counts AS c (person_id, collection, rows)
       SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[])
       ON CONFLICT (person_id, collection) DO UPDATE SET rows = c.rows + excluded.rows`,
      [rows.map((row) => row.person), rows.map((row) => row.collection), rows.map((row) => row.rows)],
    );
  }

  /**
   * Ends persons and every entry that means them. States only move forward: who has ended already stays as they are.
   */
  async settle(manager: EntityManager, requestId: string, outcomes: readonly Outcome[]): Promise<void> {
    if (outcomes.length === 0) return;
    await sql(
      manager,
      `WITH outcome AS (
         SELECT * FROM unnest($2::bigint[], $3::text[], $4::text[]) AS o (person, status, reason)
       ), settled AS (
         UPDATE expunge.erasure_persons p
         SET status = o.status, reason = o.reason,
             erased_on = CASE WHEN o.status = 'SUCCESS' THEN date_trunc('milliseconds', clock_timestamp()) END,
             partly_erased = o.status <> 'SUCCESS'
               AND EXISTS (SELECT FROM expunge.erasure_counts c WHERE c.person_id = p.id)
         FROM outcome o WHERE p.id = o.person AND p.request_id = $1 AND p.status = ANY ($5::text[])
         RETURNING p.id, p.status, p.reason
       )
       UPDATE expunge.erasure_subjects s
       SET status = settled.status, reason = settled.reason, last_updated_on = clock_timestamp()
       FROM settled WHERE s.request_id = $1 AND s.person_id = settled.id AND s.status = ANY ($5::text[])`,
      [
        requestId,
        outcomes.map((outcome) => outcome.person),
        outcomes.map((outcome) => outcome.status),
        outcomes.map((outcome) => outcome.reason),
        statusesBefore('SUCCESS'),
      ],
    );
  }
}
