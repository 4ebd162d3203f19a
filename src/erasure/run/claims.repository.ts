import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { workCounters } from '../../common/metrics/work-counters.js';
import { reachFaultPoint } from '../../config/fault-points.js';
import { Settings } from '../../config/settings.js';
import { afterCommit } from '../../database/after-commit.js';
import { preparedSql } from '../../database/prepared-sql.js';
import { sql } from '../../database/sql.js';
import { inTransaction } from '../../database/transaction.js';
import { isPaused } from './brake.js';
import { type BatchClaim, ClaimLost, type PlanClaim, Stopping } from './claim.js';
import { anyOrphaned, anyWaiting, nextInTurn, type WorkKind } from './next-in-turn.js';
import { firstNotes, type NotePlace, placeOf, removeNotes } from './overwrite-notes.js';
import { type Waiting } from './pace/waiting.js';

/** What goes well within the time of a statement. */
const MOST_NOTES_AT_ONCE = 10_000;

const batches: WorkKind = {
  name: 'ERASE',
  table: 'expunge.erasure_batches',
  request: 'w.request_id',
  waiting: `w.state = 'WAITING' AND w.data_map_hash = $1`,
  due: 'w.not_before',
  running: `w.state = 'RUNNING' AND w.data_map_hash = $1`,
};

/** What was given back waits until the lease that it was given back with is over; its `not_before` stays as accepted. */
const plans: WorkKind = {
  name: 'PLAN',
  table: 'expunge.erasure_requests',
  request: 'w.id',
  waiting: 'w.planned_on IS NULL AND w.worker IS NULL',
  due: 'GREATEST(w.not_before, w.lease_until)',
  running: 'w.planned_on IS NULL AND w.worker IS NOT NULL',
};

/**
 * Who may work on what. A claim is a lease and a fence: the lease says when another worker may take over, the fence, checked
 * by the UPDATE that begins each writing transaction, keeps the one who was taken over from writing. All times are
 * `clock_timestamp()` of the database: `now()` is the start of the transaction and already old.
 */
@Injectable()
export class ClaimsRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly settings: Settings,
  ) {}

  /**
   * Claims a batch: one that a dead worker left first, else in turn of the accounts. Its persons and their entries are
   * IN_PROGRESS from then on.
   *
   * @param dataMapHash of the map that the worker erases by; batches cut by another one are not its business
   */
  async claimBatch(worker: string, dataMapHash: string): Promise<BatchClaim | null> {
    return inTransaction(this.dataSource, this.settings, 'claim-batch', async (manager) => {
      const [claim] = await preparedSql<BatchClaim>(
        manager,
        `${nextInTurn(batches)}
         UPDATE expunge.erasure_batches b
         SET state = 'RUNNING', fence = b.fence + 1, worker = $2,
             lease_until = clock_timestamp() + make_interval(secs => $3)
         FROM next WHERE b.id = next.id
         RETURNING b.id AS "batchId", b.request_id AS "requestId", b.account_id AS "accountId", b.fence, b.attempts,
           EXISTS (SELECT FROM orphaned) AS "takenOver"`,
        [dataMapHash, worker, this.settings.leaseSeconds],
      );
      if (!claim) return null;
      await this.begin(manager, claim);
      if (claim.takenOver)
        afterCommit(manager, () => {
          workCounters.takeOvers.inc({ work: 'batch' });
        });
      return claim;
    });
  }

  /** Claims the planning of a request, as batches are claimed; there is no map to fit yet. */
  async claimPlanning(worker: string): Promise<PlanClaim | null> {
    return inTransaction(this.dataSource, this.settings, 'claim-planning', async (manager) => {
      const [claim] = await preparedSql<PlanClaim>(
        manager,
        `${nextInTurn(plans)}
         UPDATE expunge.erasure_requests r
         SET fence = r.fence + 1, worker = $1, lease_until = clock_timestamp() + make_interval(secs => $2)
         FROM next WHERE r.id = next.id
         RETURNING r.id AS "requestId", r.account_id AS "accountId", r.fence, r.attempts,
           EXISTS (SELECT FROM orphaned) AS "takenOver"`,
        [worker, this.settings.leaseSeconds],
      );
      if (claim?.takenOver)
        afterCommit(manager, () => {
          workCounters.takeOvers.inc({ work: 'planning' });
        });
      return claim ?? null;
    });
  }

  /**
   * Whether there is work that goes before more of this account's, for a worker of this map: another account's, or what a
   * dead worker left, whoever it is of.
   */
  async othersWait(accountId: string, dataMapHash: string): Promise<boolean> {
    const waits = [batches, plans].flatMap((kind) => [
      anyOrphaned(kind),
      ...['<', '>'].map((side) => anyWaiting(kind, `${side} $2`)),
    ]);
    const [row] = await sql<{ wait: boolean }>(
      this.dataSource.manager,
      `SELECT ${waits.join(' OR ')} AS wait`,
      [dataMapHash, accountId],
    );
    return row?.wait === true;
  }

  /**
   * Begins every transaction that works for a batch: fence, sign of life and a look at the brake in one.
   *
   * @param waiting what the batch waits for; one that writes waits for nothing
   * @throws ClaimLost; Stopping when its work is paused
   */
  async fenceBatch(manager: EntityManager, claim: BatchClaim, waiting: Waiting | null = null): Promise<void> {
    if (await this.holdBatch(manager, claim, waiting)) throw new Stopping();
  }

  /** As `fenceBatch`, paused or not. @returns whether it is paused */
  private async holdBatch(
    manager: EntityManager,
    claim: BatchClaim,
    waiting: Waiting | null,
  ): Promise<boolean> {
    const [held] = await preparedSql<{ paused: boolean }>(
      manager,
      `UPDATE expunge.erasure_batches b
       SET lease_until = clock_timestamp() + make_interval(secs => $3), waiting_for = $4, waiting_since = $5
       WHERE b.id = $1 AND b.fence = $2 AND b.state = 'RUNNING'
       RETURNING ${isPaused('b.account_id', 'b.request_id')} AS paused`,
      [
        claim.batchId,
        claim.fence,
        this.settings.leaseSeconds,
        waiting?.reason ?? null,
        waiting?.since ?? null,
      ],
    );
    if (!held) throw new ClaimLost();
    return held.paused;
  }

  /** As `fenceBatch`, for planning. @throws ClaimLost; Stopping when its work is paused */
  async fencePlanning(
    manager: EntityManager,
    claim: PlanClaim,
    waiting: Waiting | null = null,
  ): Promise<void> {
    const [held] = await preparedSql<{ paused: boolean }>(
      manager,
      `UPDATE expunge.erasure_requests r
       SET lease_until = clock_timestamp() + make_interval(secs => $3), waiting_for = $4, waiting_since = $5
       WHERE r.id = $1 AND r.fence = $2 AND r.planned_on IS NULL
       RETURNING ${isPaused('r.account_id', 'r.id')} AS paused`,
      [
        claim.requestId,
        claim.fence,
        this.settings.leaseSeconds,
        waiting?.reason ?? null,
        waiting?.since ?? null,
      ],
    );
    if (!held) throw new ClaimLost();
    if (held.paused) throw new Stopping();
  }

  /**
   * Renews the lease while nothing is written; says in the rows what the batch, or the planning, waits for.
   *
   * @throws ClaimLost; Stopping when its work is paused
   */
  async signOfLife(claim: BatchClaim | PlanClaim, waiting: Waiting | null): Promise<void> {
    await inTransaction(this.dataSource, this.settings, 'sign-of-life', async (manager) => {
      if ('batchId' in claim) await this.fenceBatch(manager, claim, waiting);
      else await this.fencePlanning(manager, claim, waiting);
    });
  }

  /**
   * Gives a batch back, to be claimed again after `waitMs`; with 0 it keeps its place among those of its account. No longer
   * ours: nothing happens.
   *
   * @param failure SQLSTATE or code of a failure that may pass, which counts as an attempt; null when nothing failed
   */
  async releaseBatch(claim: BatchClaim, waitMs: number, failure: string | null): Promise<void> {
    await sql(
      this.dataSource.manager,
      `UPDATE expunge.erasure_batches
       SET state = 'WAITING', worker = NULL, lease_until = NULL,
           not_before = CASE WHEN $3::float8 > 0 THEN clock_timestamp() + make_interval(secs => $3) ELSE not_before END,
           attempts = attempts + CASE WHEN $4::text IS NULL THEN 0 ELSE 1 END, last_code = COALESCE($4, last_code)
       WHERE id = $1 AND fence = $2 AND state = 'RUNNING'`,
      [claim.batchId, claim.fence, waitMs / 1000, failure],
    );
    await reachFaultPoint('batch:released');
  }

  /** Gives a planning back; `not_before` stays, the lease does the waiting. */
  async releasePlanning(claim: PlanClaim, waitMs: number, failed: boolean): Promise<void> {
    await sql(
      this.dataSource.manager,
      `UPDATE expunge.erasure_requests
       SET worker = NULL, lease_until = CASE WHEN $3::float8 > 0 THEN clock_timestamp() + make_interval(secs => $3) END,
           attempts = attempts + CASE WHEN $4::boolean THEN 1 ELSE 0 END
       WHERE id = $1 AND fence = $2 AND planned_on IS NULL`,
      [claim.requestId, claim.fence, waitMs / 1000, failed],
    );
    await reachFaultPoint('planning:released');
  }

  /**
   * The batch is through: nobody claims it again, and what it noted for the probe is forgotten. Nothing is erased any more, so
   * a pause does not keep it from being told.
   *
   * @param after the last note that was forgotten already; null: none was
   * @returns false: there are more notes than may be forgotten at once, and nothing has changed
   */
  async settleBatch(manager: EntityManager, claim: BatchClaim, after: NotePlace | null): Promise<boolean> {
    await this.holdBatch(manager, claim, null);
    const [settled] = await sql(
      manager,
      `WITH picked AS MATERIALIZED (${firstNotes('$5::integer + 1')}), few AS MATERIALIZED (
         SELECT FROM picked HAVING count(*) <= $5
       ), forgotten AS (
         DELETE FROM expunge.erasure_overwrites
         WHERE id = ANY (ARRAY(SELECT id FROM picked WHERE EXISTS (SELECT FROM few)))
       )
       UPDATE expunge.erasure_batches
       SET state = 'SETTLED', settled_on = clock_timestamp(), settled_by = pg_current_xact_id()::text::bigint,
           lease_until = NULL, worker = NULL WHERE id = $1 AND EXISTS (SELECT FROM few) RETURNING id`,
      [...placeOf(claim.batchId, after), this.notesAtOnce],
    );
    return settled !== undefined;
  }

  /**
   * Forgets notes of a batch in which nobody is open any more, as many as one transaction may.
   *
   * @param after the last one that was forgotten already; null: none was
   * @returns the last one forgotten now; null: none were left
   */
  async forgetNotes(
    manager: EntityManager,
    claim: BatchClaim,
    after: NotePlace | null,
  ): Promise<NotePlace | null> {
    await this.holdBatch(manager, claim, null);
    return (await removeNotes(manager, claim.batchId, after, this.notesAtOnce)).last;
  }

  private get notesAtOnce(): number {
    return Math.min(MOST_NOTES_AT_ONCE, this.settings.chunkRows);
  }

  /**
   * Ids go through this process: joined to a CTE, the planner, which has no statistics of rows this young, would compare
   * each of the one with each of the other. And no index knows IS NOT DISTINCT FROM: there is one by request and status, of
   * which it would rather read all open entries than look each person up, where the statistics are of a time at which
   * there were none.
   */
  private async begin(manager: EntityManager, { batchId, requestId }: BatchClaim): Promise<void> {
    const persons = await preparedSql<{ id: string }>(
      manager,
      `UPDATE expunge.erasure_persons SET status = 'IN_PROGRESS'
       WHERE batch_id = $1 AND request_id IS NOT DISTINCT FROM $2 AND status = 'PENDING' RETURNING id`,
      [batchId, requestId],
    );
    if (persons.length === 0) return;
    await preparedSql(
      manager,
      `UPDATE expunge.erasure_subjects
       SET status = 'IN_PROGRESS', reason = NULL, last_updated_on = clock_timestamp()
       WHERE person_id = ANY ($1::bigint[]) AND request_id IS NOT DISTINCT FROM $2
         AND status IS NOT DISTINCT FROM 'PENDING'`,
      [persons.map(({ id }) => id), requestId],
    );
  }
}
