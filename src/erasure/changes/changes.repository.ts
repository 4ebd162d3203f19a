import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { sql } from '../../database/sql.js';
import { type InterventionKind } from '../entities/erasure-intervention.entity.js';
import { type SubjectStatus } from '../erasure-status.js';

/** A request about which something was decided that not all of its entries have followed. */
export interface ChangingRequest {
  readonly id: string;
  readonly round: number;
  readonly changing: InterventionKind;
}

export interface HeldChange extends ChangingRequest {
  /** Another one for each change. */
  readonly fence: string;
  readonly settled: boolean;
}

/** Up to where a step goes, and whom it is about. */
export interface Stretch {
  readonly entries: number;
  readonly last: number;
  readonly persons: readonly string[];
}

/** Finds what a change has still to do. */
@Injectable()
export class ChangesRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Requests with a change that is not through. At most `limit`. */
  async unfinished(limit: number): Promise<readonly string[]> {
    const rows = await sql<{ id: string }>(
      this.dataSource.manager,
      'SELECT id FROM expunge.erasure_requests WHERE changing IS NOT NULL ORDER BY id LIMIT $1',
      [limit],
    );
    return rows.map(({ id }) => id);
  }

  /** Locks the request's row, and waits for nobody. null: the change is through; BUSY: somebody else has it. */
  async hold(manager: EntityManager, requestId: string): Promise<HeldChange | 'BUSY' | null> {
    const [held] = await sql<HeldChange>(
      manager,
      `SELECT id, round, changing, fence, settled_on IS NOT NULL AS settled FROM expunge.erasure_requests WHERE id = $1 AND changing IS NOT NULL
       FOR NO KEY UPDATE SKIP LOCKED`,
      [requestId],
    );
    if (held) return held;
    const [busy] = await sql(
      manager,
      'SELECT id FROM expunge.erasure_requests WHERE id = $1 AND changing IS NOT NULL',
      [requestId],
    );
    return busy ? 'BUSY' : null;
  }

  /** No entry follows any more. */
  async forget(manager: EntityManager, requestId: string): Promise<void> {
    await sql(manager, 'UPDATE expunge.erasure_requests SET changing = NULL WHERE id = $1', [requestId]);
  }

  /** The next entries of this status behind `after`, at most `limit`. null: there are none. */
  async next(
    manager: EntityManager,
    requestId: string,
    status: SubjectStatus,
    after: number,
    limit: number,
  ): Promise<Stretch | null> {
    const rows = await sql<{ position: number; person: string | null }>(
      manager,
      `SELECT position, person_id AS person FROM expunge.erasure_subjects
       WHERE request_id = $1 AND status = $2 AND position > $3 ORDER BY position LIMIT $4`,
      [requestId, status, after, limit],
    );
    const last = rows.at(-1);
    if (!last) return null;
    const persons = new Set(rows.flatMap(({ person }) => (person === null ? [] : [person])));
    return { entries: rows.length, last: last.position, persons: [...persons] };
  }
}
