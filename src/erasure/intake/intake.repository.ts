import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Settings } from '../../config/settings.js';
import { DatabaseFault } from '../../database/database-fault.js';
import { sql } from '../../database/sql.js';
import { inTransaction } from '../../database/transaction.js';
import { packed, unpacked } from './packed-entries.js';
import { type RequestHead } from '../seal/request-seal.js';

/** A request about to be accepted. */
export interface NewRequest extends RequestHead {
  readonly reference: Buffer | null;
  readonly mac: Buffer;
  /** null: at once. */
  readonly notBefore: Date | null;
}

/** Generous: accepting writes up to 10,000 rows and holds no lock that anybody waits for. */
const limits = {
  statementTimeoutMs: 15_000,
  lockTimeoutMs: 0,
  idleInTransactionTimeoutMs: 5_000,
  deadClientTimeoutMs: 5_000,
};

/** Writes what was accepted. */
@Injectable()
export class IntakeRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly settings: Settings,
  ) {}

  /**
   * Runs `work`, which writes the request of this id, in one transaction. A connection that was lost leaves open whether the
   * COMMIT arrived, and it may still be on its way: so the same id is written once more, which waits for the first to come
   * out, and whatever becomes of that, what counts is whether the request is there.
   *
   * @returns null when it turned out to be there
   * @throws DatabaseFault; what `work` throws; nothing was accepted then, or nobody could find out
   */
  async accept<T>(requestId: string, work: (manager: EntityManager) => Promise<T>): Promise<T | null> {
    const once = (): Promise<T> => inTransaction(this.dataSource, limits, 'accept', work);
    try {
      return await once();
    } catch (error) {
      if (!(error instanceof DatabaseFault) || !error.connectionLost) throw error;
    }
    try {
      return (await this.isThere(requestId)) ? null : await once();
    } catch (error) {
      if (await this.isThere(requestId)) return null;
      throw error;
    }
  }

  private async isThere(requestId: string): Promise<boolean> {
    const found = 'SELECT FROM expunge.erasure_requests WHERE id = $1';
    return (await sql(this.dataSource.manager, found, [requestId])).length > 0;
  }

  /**
   * Writes the request and its first entries. Times that workers compare are the database's own; spans of the calendar are
   * counted in UTC.
   *
   * @param sealed the first entries in the order sent; others may follow (`addEntries`)
   */
  async insert(manager: EntityManager, request: NewRequest, sealed: readonly Buffer[]): Promise<void> {
    await sql(
      manager,
      `WITH request AS (
         INSERT INTO expunge.erasure_requests
           (id, account_id, client_id, all_bots, bot_ids, reference, received_on, due_on, not_before, created_on,
            last_updated_on, total, mac)
         SELECT $1, $2, $3, $4, $5::text[], $6, $7, ($7::timestamptz AT TIME ZONE 'UTC' + $8::interval) AT TIME ZONE 'UTC',
                GREATEST($9::timestamptz, now.at + make_interval(secs => $12)), now.at, now.at, $10, $11
         FROM (SELECT date_trunc('milliseconds', clock_timestamp()) AS at) now
       )
       ${entriesInto('$1', '0', ['$13', '$14', '$15'])}`,
      [
        request.id,
        request.accountId,
        request.clientId,
        request.allBots,
        request.botIds,
        request.reference,
        request.receivedOn,
        this.settings.deadline,
        request.notBefore,
        request.total,
        request.mac,
        this.settings.graceMs / 1000,
        ...packed(sealed),
      ],
    );
  }

  /** @param sealed the entries behind the first `from`, in the order sent */
  async addEntries(
    manager: EntityManager,
    requestId: string,
    from: number,
    sealed: readonly Buffer[],
  ): Promise<void> {
    await sql(manager, entriesInto('$1', '$2::int', ['$3', '$4', '$5']), [
      requestId,
      from,
      ...packed(sealed),
    ]);
  }
}

/** @param requestId, from, sealed expressions of SQL */
function entriesInto(requestId: string, from: string, sealed: Parameters<typeof unpacked>): string {
  return `INSERT INTO expunge.erasure_subjects (request_id, position, entry, last_updated_on)
    SELECT ${requestId}, ${from} + e.index, e.sealed, clock_timestamp() FROM ${unpacked(...sealed)}`;
}
