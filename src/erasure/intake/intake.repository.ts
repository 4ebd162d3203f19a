import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Settings } from '../../config/settings.js';
import { DatabaseFault } from '../../database/database-fault.js';
import { preparedSql } from '../../database/prepared-sql.js';
import { sql } from '../../database/sql.js';
import { inOneStatement, inTransaction } from '../../database/transaction.js';
import { packed } from './packed-entries.js';
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
   * Runs `work`, which writes the request of this id, in one transaction.
   *
   * @returns null when it turned out to be there
   * @throws DatabaseFault; what `work` throws; nothing was accepted then, or nobody could find out
   */
  async accept<T>(requestId: string, work: (manager: EntityManager) => Promise<T>): Promise<T | null> {
    return this.surely(requestId, () => inTransaction(this.dataSource, limits, 'accept', work));
  }

  /**
   * Writes a request that nothing else is to be written with, whole. It names no bots: what a caller calls one may be
   * anything, and the server's log is as it is outside of transactions.
   *
   * @param sealed all of its entries, in the order sent
   * @throws DatabaseFault; nothing was accepted then, or nobody could find out
   */
  async acceptAlone(request: NewRequest, sealed: readonly Buffer[]): Promise<void> {
    await this.surely(request.id, () =>
      inOneStatement(this.dataSource, 'accept-alone', (manager) => this.insert(manager, request, sealed)),
    );
  }

  /**
   * A connection that was lost leaves open whether the COMMIT arrived, and it may still be on its way: so the same id is
   * written once more, which waits for the first to come out, and whatever becomes of that, what counts is whether the
   * request is there.
   */
  private async surely<T>(requestId: string, once: () => Promise<T>): Promise<T | null> {
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
   * Writes the request and its first entries, by a function of the database (see its migration).
   *
   * @param sealed the first entries in the order sent; others may follow (`copyEntries`)
   * @returns when it was accepted, by the database's clock, in whole milliseconds
   */
  async insert(manager: EntityManager, request: NewRequest, sealed: readonly Buffer[]): Promise<Date> {
    const [row] = await preparedSql<{ acceptedOn: Date }>(
      manager,
      `SELECT expunge.accept_erasure(
         $1, $2, $3, $4, $5::text[], $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) AS "acceptedOn"`,
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
        this.settings.graceMs / 1000,
        request.total,
        request.mac,
        ...packed(sealed),
      ],
    );
    if (!row) throw new Error('a function returns one row');
    return row.acceptedOn;
  }
}
