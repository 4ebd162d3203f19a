import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { type Boundary } from '../../config/fault-points.js';
import { sql } from '../../database/sql.js';
import { inTransaction } from '../../database/transaction.js';
import { type InterventionKind } from '../entities/erasure-intervention.entity.js';
import { requestStatuses } from '../erasure-status.js';
import { isRequestId } from '../request-id.js';

/** A request whose row is locked: nobody plans it, settles it or begins another round meanwhile. */
export interface HeldRequest {
  readonly id: string;
  readonly accountId: string;
  readonly round: number;
  readonly settled: boolean;
  /** What was decided about it, and has still to reach some of its entries. */
  readonly changing: InterventionKind | null;
}

/** Whoever steps in. */
export interface Actor {
  /** Whose requests alone are known to them; null: everybody's, for the command line. */
  readonly accountId: string | null;
  /** Client id, or `operator`. */
  readonly name: string;
}

/** Deciding looks at all entries of a request at most; workers that wait for its row meanwhile give way and come back. */
const limits = {
  statementTimeoutMs: 15_000,
  lockTimeoutMs: 5_000,
  idleInTransactionTimeoutMs: 5_000,
  deadClientTimeoutMs: 5_000,
};

/**
 * Locks requests to change their course. Locks are taken in one order everywhere, so that nobody waits in a circle: the
 * request, its batches, its persons, its entries.
 */
@Injectable()
export class HeldRequestRepository {
  constructor(private readonly dataSource: DataSource) {}

  async inTransaction<T>(boundary: Boundary, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return inTransaction(this.dataSource, limits, boundary, work);
  }

  /** Waits for whoever plans or settles it. null when the actor knows no such request. */
  async hold(manager: EntityManager, requestId: string, actor: Actor): Promise<HeldRequest | null> {
    if (!isRequestId(requestId)) return null;
    const [row] = await sql<HeldRequest>(
      manager,
      `SELECT id, account_id AS "accountId", round, settled_on IS NOT NULL AS settled, changing
       FROM expunge.erasure_requests
       WHERE id = $1 AND ($2::text IS NULL OR account_id = $2) AND status = ANY ($3::text[])
       FOR NO KEY UPDATE`,
      [requestId, actor.accountId, requestStatuses],
    );
    return row ?? null;
  }

  /** Keeps who stepped in, in the transaction of what they did. */
  async record(
    manager: EntityManager,
    { id, round }: Pick<HeldRequest, 'id' | 'round'>,
    kind: InterventionKind,
    entries: number,
    actor: Actor,
  ): Promise<void> {
    await sql(
      manager,
      `INSERT INTO expunge.erasure_interventions (request_id, kind, round, entries, done_by)
       VALUES ($1, $2, $3, $4, $5)`,
      [id, kind, round, entries, actor.name],
    );
  }
}
