import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Settings } from '../../config/settings.js';
import { sql } from '../../database/sql.js';
import { inTransaction } from '../../database/transaction.js';
import { type RequestHead } from '../seal/request-seal.js';

/** A request about to be accepted. */
export interface NewRequest extends RequestHead {
  readonly reference: Buffer | null;
  readonly mac: Buffer;
  /** null: at once. */
  readonly notBefore: Date | null;
}

/** Rows that one INSERT writes. */
const SUBJECTS_AT_ONCE = 10_000;

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

  async inTransaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return inTransaction(this.dataSource, limits, 'accept', work);
  }

  /** Times that workers compare are the database's own; spans of the calendar are counted in UTC. */
  async insertRequest(manager: EntityManager, request: NewRequest): Promise<void> {
    await sql(
      manager,
      `INSERT INTO expunge.erasure_requests
         (id, account_id, client_id, all_bots, bot_ids, reference, received_on, due_on, not_before, created_on,
          last_updated_on, total, mac)
       SELECT $1, $2, $3, $4, $5::text[], $6, $7, ($7::timestamptz AT TIME ZONE 'UTC' + $8::interval) AT TIME ZONE 'UTC',
              COALESCE($9::timestamptz, now.at), now.at, now.at, $10, $11
       FROM (SELECT date_trunc('milliseconds', clock_timestamp()) AS at) now`,
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
      ],
    );
  }

  /** @param sealed entries in the order sent */
  async insertSubjects(manager: EntityManager, requestId: string, sealed: readonly Buffer[]): Promise<void> {
    for (let first = 0; first < sealed.length; first += SUBJECTS_AT_ONCE)
      await sql(
        manager,
        `INSERT INTO expunge.erasure_subjects (request_id, position, entry, last_updated_on)
         SELECT $1, $2::int + e.index - 1, e.sealed, clock_timestamp()
         FROM unnest($3::bytea[]) WITH ORDINALITY AS e (sealed, index)`,
        [requestId, first, sealed.slice(first, first + SUBJECTS_AT_ONCE)],
      );
  }
}
