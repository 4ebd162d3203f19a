import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { sql } from '../../database/sql.js';
import { type MatchKind } from '../../users/user-reference.js';
import { isSettled, type SubjectReason, type SubjectStatus, subjectStatuses } from '../erasure-status.js';
import { updateEntries } from '../roll-up/count-ended.js';

export interface UnplannedSubject {
  readonly position: number;
  readonly entry: Buffer;
}

/** A person about to be stored; the first entry that means them is at `firstPosition`. */
export interface NewPerson {
  readonly personHash: Buffer;
  readonly keySet: Buffer;
  readonly keyHashes: readonly Buffer[];
  readonly firstPosition: number;
  readonly status: 'PENDING' | 'PROTECTED';
  readonly reason: SubjectReason | null;
}

export interface PlannedSubject {
  readonly position: number;
  readonly status: SubjectStatus;
  readonly reason: SubjectReason | null;
  readonly matchedBy: readonly MatchKind[] | null;
  readonly personHash: Buffer | null;
}

/** Entries that may be compared each with each. */
const FEW = 20;

/** Reads and writes what planning needs, a page at a time. */
@Injectable()
export class PlanRepository {
  /** Subjects of the request that were not judged yet, in the order sent, behind `after`: what is behind is not walked again. */
  async unplanned(
    manager: EntityManager,
    requestId: string,
    after: number,
    limit: number,
  ): Promise<readonly UnplannedSubject[]> {
    return sql<UnplannedSubject>(
      manager,
      `SELECT position, entry FROM expunge.erasure_subjects
       WHERE request_id = $1 AND position > $2 AND planned_on IS NULL AND status = 'PENDING' ORDER BY position LIMIT $3`,
      [requestId, after, limit],
    );
  }

  /** Whether planning has begun: the first entry is judged. */
  async isBegun(manager: EntityManager, requestId: string): Promise<boolean> {
    const [first] = await sql<{ planned: boolean }>(
      manager,
      `SELECT planned_on IS NOT NULL AS planned FROM expunge.erasure_subjects
       WHERE request_id = $1 ORDER BY position LIMIT 1`,
      [requestId],
    );
    return first?.planned === true;
  }

  /** Entries at positions from `from` on and before `to`. */
  async countBetween(manager: EntityManager, requestId: string, from: number, to: number): Promise<number> {
    const [row] = await sql<{ count: number }>(
      manager,
      `SELECT count(*)::int AS count FROM expunge.erasure_subjects
       WHERE request_id = $1 AND position >= $2 AND position < $3`,
      [requestId, from, to],
    );
    return row?.count ?? 0;
  }

  /** Whether there are entries at positions that nobody sent. */
  async hasOthers(manager: EntityManager, requestId: string, total: number): Promise<boolean> {
    const rows = await sql(
      manager,
      `(SELECT position FROM expunge.erasure_subjects WHERE request_id = $1 AND position < 0 LIMIT 1)
       UNION ALL
       (SELECT position FROM expunge.erasure_subjects WHERE request_id = $1 AND position >= $2 LIMIT 1)`,
      [requestId, total],
    );
    return rows.length > 0;
  }

  /** Persons who are there already stay as they are: pages come in order, so the first entry wins. */
  async insertPersons(
    manager: EntityManager,
    requestId: string,
    persons: readonly NewPerson[],
  ): Promise<void> {
    if (persons.length === 0) return;
    await sql(
      manager,
      `INSERT INTO expunge.erasure_persons (request_id, person_hash, key_set, key_hashes, first_position, status, reason)
       SELECT $1, p.hash, p.key_set,
              (SELECT array_agg(decode(h, 'hex')) FROM unnest(string_to_array(p.hashes, ',')) AS h),
              p.position, p.status, p.reason
       FROM unnest($2::bytea[], $3::bytea[], $4::text[], $5::int[], $6::text[], $7::text[])
         AS p (hash, key_set, hashes, position, status, reason)
       ORDER BY p.position
       ON CONFLICT (request_id, person_hash) DO NOTHING`,
      [
        requestId,
        persons.map((person) => person.personHash),
        persons.map((person) => person.keySet),
        persons.map((person) => person.keyHashes.map((hash) => hash.toString('hex')).join(',')),
        persons.map((person) => person.firstPosition),
        persons.map((person) => person.status),
        persons.map((person) => person.reason),
      ],
    );
  }

  /**
   * Writes the judgements of a page. An entry that means the person of an earlier one gets that one's status and reason:
   * the person is judged once.
   *
   * The planner has no statistics of rows this young. It is left no choice: the page's rows come from two indexes by their
   * keys, else it would read all entries of the request for each page; and they are joined by hash, else it would compare
   * each with each. Of a few entries it may do as it likes: two messages less.
   */
  async updateSubjects(
    manager: EntityManager,
    requestId: string,
    subjects: readonly PlannedSubject[],
  ): Promise<void> {
    const many = subjects.length > FEW;
    if (many) await sql(manager, 'SET LOCAL enable_nestloop = off');
    await updateEntries(
      manager,
      `UPDATE expunge.erasure_subjects s
       SET status = COALESCE(p.status, j.status), reason = CASE WHEN p.id IS NULL THEN j.reason ELSE p.reason END,
           matched_by = string_to_array(j.matched_by, ','), person_id = p.id,
           same_as = NULLIF(p.first_position, s.position), planned_on = clock_timestamp(),
           last_updated_on = clock_timestamp()
       FROM unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::bytea[])
              AS j (position, status, reason, matched_by, hash)
         LEFT JOIN (
           SELECT * FROM expunge.erasure_persons WHERE request_id = $1 AND person_hash = ANY ($6::bytea[])
         ) p ON p.person_hash = j.hash
       WHERE s.request_id = $1 AND s.position = ANY ($2::int[]) AND s.position = j.position
         AND s.status <> ALL ($7::text[])
       RETURNING s.status, s.reason`,
      [
        requestId,
        subjects.map((subject) => subject.position),
        subjects.map((subject) => subject.status),
        subjects.map((subject) => subject.reason),
        subjects.map((subject) => subject.matchedBy?.join(',') ?? null),
        subjects.map((subject) => subject.personHash),
        subjectStatuses.filter(isSettled),
      ],
    );
    if (many) await sql(manager, 'SET LOCAL enable_nestloop = on');
  }

  /** Of the entries from `from` on and before `to`, those that count as planned but mean nobody were not planned by us. */
  async failThoseMeaningNobody(
    manager: EntityManager,
    requestId: string,
    from: number,
    to: number,
  ): Promise<void> {
    await updateEntries(
      manager,
      `UPDATE expunge.erasure_subjects SET status = 'FAILED', reason = 'INTEGRITY', last_updated_on = clock_timestamp(),
              planned_on = COALESCE(planned_on, clock_timestamp())
       WHERE request_id = $1 AND position >= $2 AND position < $3
         AND status IN ('PENDING', 'IN_PROGRESS') AND person_id IS NULL
       RETURNING status, reason`,
      [requestId, from, to],
    );
  }

  /**
   * Ends at most `limit` entries and persons that are still open: nothing of them may be erased. False when none was. Their
   * names go through this process for the planner's sake: see ClaimsRepository.begin.
   */
  async failSome(manager: EntityManager, requestId: string, limit: number): Promise<boolean> {
    const positions = await this.open(manager, 'expunge.erasure_subjects', 'position', requestId, limit);
    await updateEntries(
      manager,
      `UPDATE expunge.erasure_subjects SET status = 'FAILED', reason = 'INTEGRITY', last_updated_on = clock_timestamp(),
              planned_on = COALESCE(planned_on, clock_timestamp())
       WHERE request_id = $1 AND status IN ('PENDING', 'IN_PROGRESS') AND position = ANY ($2::int[])
       RETURNING status, reason`,
      [requestId, positions],
    );
    const persons = await this.open(manager, 'expunge.erasure_persons', 'id', requestId, limit);
    await sql(
      manager,
      `UPDATE expunge.erasure_persons SET status = 'FAILED', reason = 'INTEGRITY'
       WHERE request_id = $1 AND status IN ('PENDING', 'IN_PROGRESS') AND id = ANY ($2::bigint[])`,
      [requestId, persons],
    );
    return positions.length + persons.length > 0;
  }

  /**
   * Cuts at most `most` batches of at most `size` persons, of those to be erased who were not cut before, behind `after`.
   * They may be claimed as soon as this is committed.
   *
   * @returns the batches, and the last person who is in one
   */
  async cutBatches(
    manager: EntityManager,
    requestId: string,
    { after, size, most }: { readonly after: string; readonly size: number; readonly most: number },
    dataMapHash: string,
  ): Promise<{ readonly batches: readonly string[]; readonly last: string | null }> {
    const rows = await sql<{ id: string; last: string }>(
      manager,
      `WITH person AS MATERIALIZED (
         SELECT id, (row_number() OVER (ORDER BY id) - 1) / $3::int AS batch FROM (
           SELECT id FROM expunge.erasure_persons
           WHERE request_id = $1 AND batch_id IS NULL AND status = 'PENDING' AND id > $2
           ORDER BY id LIMIT $3::int * $4::int
         ) uncut
       ), made AS (
         INSERT INTO expunge.erasure_batches (request_id, account_id, not_before, data_map_hash)
         SELECT r.id, r.account_id, clock_timestamp(), $5
         FROM expunge.erasure_requests r, (SELECT DISTINCT batch FROM person) b WHERE r.id = $1
         RETURNING id
       ), numbered AS (
         SELECT id, row_number() OVER (ORDER BY id) - 1 AS batch FROM made
       ), assigned AS (
         UPDATE expunge.erasure_persons p SET batch_id = n.id
         FROM person JOIN numbered n ON n.batch = person.batch WHERE p.id = person.id
       )
       SELECT id, (SELECT max(id) FROM person) AS last FROM made`,
      [requestId, after, size, most, dataMapHash],
    );
    return { batches: rows.map((row) => row.id), last: rows[0]?.last ?? null };
  }

  async markPlanned(
    manager: EntityManager,
    requestId: string,
    notCovered: readonly { readonly collection: string; readonly reason: string }[],
  ): Promise<void> {
    await sql(
      manager,
      `UPDATE expunge.erasure_requests
       SET planned_on = clock_timestamp(), lease_until = NULL, worker = NULL, not_covered = $2,
           last_updated_on = clock_timestamp()
       WHERE id = $1`,
      [requestId, JSON.stringify(notCovered)],
    );
  }

  private async open(
    manager: EntityManager,
    table: 'expunge.erasure_subjects' | 'expunge.erasure_persons',
    name: 'position' | 'id',
    requestId: string,
    limit: number,
  ): Promise<readonly unknown[]> {
    const rows = await sql<{ name: unknown }>(
      manager,
      `SELECT ${name} AS name FROM ${table}
       WHERE request_id = $1 AND status IN ('PENDING', 'IN_PROGRESS') LIMIT $2`,
      [requestId, limit],
    );
    return rows.map((row) => row.name);
  }
}
