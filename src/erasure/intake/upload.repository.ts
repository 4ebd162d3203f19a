import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Settings } from '../../config/settings.js';
import { DatabaseFault } from '../../database/database-fault.js';
import { sql } from '../../database/sql.js';
import { inTransaction } from '../../database/transaction.js';
import { hiddenStatuses } from '../erasure-status.js';
import { packed, unpacked } from './packed-entries.js';
import { type RequestHead } from '../seal/request-seal.js';

/** As for accepting: a page is some thousand rows, and nobody waits for its locks. */
const limits = {
  statementTimeoutMs: 15_000,
  lockTimeoutMs: 0,
  idleInTransactionTimeoutMs: 5_000,
  deadClientTimeoutMs: 5_000,
};

/** After so many silences without a page nobody uploads any more. */
const SILENCES = 3;

/** What becomes of an upload once all of it is there. */
export interface Completed {
  readonly total: number;
  readonly mac: Buffer;
  /** null: at once. */
  readonly notBefore: Date | null;
}

/**
 * Requests whose entries are still arriving. Each step is a short transaction, so that a client who takes hours holds up
 * nobody. The row's `lease_until` says that somebody uploads; `not_before` is infinity, so that nothing can claim it; its MAC
 * is empty until the end, so that it would open nowhere if it were made live by hand.
 */
@Injectable()
export class UploadRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly settings: Settings,
  ) {}

  /** @param check refuses the head, by throwing, before its row is written */
  async begin(
    head: RequestHead,
    reference: Buffer | null,
    check: (manager: EntityManager) => Promise<void>,
  ): Promise<void> {
    await this.step(async (manager) => {
      await check(manager);
      await sql(
        manager,
        `INSERT INTO expunge.erasure_requests
           (id, account_id, client_id, status, all_bots, bot_ids, reference, received_on, due_on, not_before, created_on,
            last_updated_on, total, mac, lease_until)
         SELECT $1, $2, $3, 'uploading', $4, $5::text[], $6, $7,
                ($7::timestamptz AT TIME ZONE 'UTC' + $8::interval) AT TIME ZONE 'UTC', 'infinity', now.at, now.at, 0, '',
                now.at + make_interval(secs => $9)
         FROM (SELECT clock_timestamp() AS at) now`,
        [
          head.id,
          head.accountId,
          head.clientId,
          head.allBots,
          head.botIds,
          reference,
          head.receivedOn,
          this.settings.deadline,
          this.leaseSeconds,
        ],
      );
    });
  }

  /**
   * Adds entries behind the first `from`, and says that the upload lives.
   * @returns false when it was given up meanwhile: nothing was added
   */
  async addPage(requestId: string, from: number, sealed: readonly Buffer[]): Promise<boolean> {
    return this.step(async (manager) => {
      const added = await sql(
        manager,
        `WITH held AS (
           UPDATE expunge.erasure_requests SET lease_until = clock_timestamp() + make_interval(secs => $3)
           WHERE id = $1 AND status = 'uploading' RETURNING id
         ), added AS (
           INSERT INTO expunge.erasure_subjects (request_id, position, entry, last_updated_on)
           SELECT held.id, $2::int + e.index, e.sealed, clock_timestamp()
           FROM held, ${unpacked('$4', '$5', '$6')}
         )
         SELECT id FROM held`,
        [requestId, from, this.leaseSeconds, ...packed(sealed)],
      );
      return added.length > 0;
    });
  }

  /**
   * Makes it a request like any other, in one update. A connection that was lost leaves open whether the COMMIT arrived: the
   * update is tried once more, which waits for the first to come out, and what counts is whether the request is live.
   *
   * @param check refuses it, by throwing; names an earlier request that this one is the same as, and then it is not made live;
   * or does what is to happen exactly when it is accepted
   * @returns the id of that earlier request or else its own; null when it was given up meanwhile
   */
  async complete(
    requestId: string,
    completed: Completed,
    check: (manager: EntityManager) => Promise<string | null>,
  ): Promise<string | null> {
    const once = (): Promise<string | null> =>
      inTransaction(this.dataSource, limits, 'complete-upload', async (manager) => {
        const earlier = await check(manager);
        return earlier ?? ((await this.makeLive(manager, requestId, completed)) ? requestId : null);
      });
    try {
      return await once();
    } catch (error) {
      if (!(error instanceof DatabaseFault) || !error.connectionLost) throw error;
    }
    try {
      return (await this.isLive(requestId)) ? requestId : await once();
    } catch (error) {
      if (await this.isLive(requestId)) return requestId;
      throw error;
    }
  }

  /** Nobody will ever see it: the sweep removes its rows. */
  async giveUp(requestId: string): Promise<void> {
    await this.step(async (manager) =>
      sql(
        manager,
        `UPDATE expunge.erasure_requests SET status = 'forgotten' WHERE id = $1 AND status = 'uploading'`,
        [requestId],
      ),
    );
  }

  private async makeLive(manager: EntityManager, requestId: string, completed: Completed): Promise<boolean> {
    const rows = await sql(
      manager,
      `UPDATE expunge.erasure_requests r
       SET status = 'in-progress', total = $2, mac = $3, not_before = GREATEST($4::timestamptz, now.at + make_interval(secs => $5)),
           created_on = now.at, last_updated_on = now.at, lease_until = NULL
       FROM (SELECT date_trunc('milliseconds', clock_timestamp()) AS at) now
       WHERE r.id = $1 AND r.status = 'uploading' RETURNING r.id`,
      [requestId, completed.total, completed.mac, completed.notBefore, this.settings.graceMs / 1000],
    );
    return rows.length > 0;
  }

  private async isLive(requestId: string): Promise<boolean> {
    const rows = await sql(
      this.dataSource.manager,
      'SELECT id FROM expunge.erasure_requests WHERE id = $1 AND status <> ALL ($2::text[])',
      [requestId, hiddenStatuses],
    );
    return rows.length > 0;
  }

  private async step<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return inTransaction(this.dataSource, limits, 'upload', work);
  }

  private get leaseSeconds(): number {
    return (this.settings.uploadSilenceMs * SILENCES) / 1_000;
  }
}
