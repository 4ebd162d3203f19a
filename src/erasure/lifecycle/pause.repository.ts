import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { sql } from '../../database/sql.js';
import { holds } from '../run/brake.js';

/** Whose work: neither means everybody's. Never both. */
export interface PauseTarget {
  readonly accountId: string | null;
  readonly requestId: string | null;
}

export interface PauseRow extends PauseTarget {
  readonly reason: Buffer;
  readonly by: string;
  readonly since: Date;
}

/** Since when work rests, and who said so. */
export interface Held {
  readonly by: string;
  readonly since: Date;
}

/** The rows of `expunge.pauses`. */
@Injectable()
export class PauseRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** One that is there already stays as it is. */
  async insert(manager: EntityManager, target: PauseTarget, reason: Buffer, by: string): Promise<void> {
    await sql(
      manager,
      `INSERT INTO expunge.pauses (account_id, request_id, reason, paused_by, paused_on)
       VALUES ($1, $2, $3, $4, date_trunc('milliseconds', clock_timestamp())) ON CONFLICT DO NOTHING`,
      [target.accountId, target.requestId, reason, by],
    );
  }

  /** False when there was none. Wider and narrower ones stay. */
  async delete(manager: EntityManager, { accountId, requestId }: PauseTarget): Promise<boolean> {
    const rows = await sql(
      manager,
      `DELETE FROM expunge.pauses
       WHERE COALESCE(account_id, '') = COALESCE($1, '') AND COALESCE(request_id, '') = COALESCE($2, '')
       RETURNING id`,
      [accountId, requestId],
    );
    return rows.length > 0;
  }

  /** The first of those that hold this work; null when it goes on. @param accountId of the request, if one is meant */
  async holding(
    manager: EntityManager,
    accountId: string | null,
    requestId: string | null,
  ): Promise<Held | null> {
    const [row] = await sql<Held>(
      manager,
      `SELECT p.paused_by AS by, p.paused_on AS since FROM expunge.pauses p
       WHERE ${holds('$1', '$2')} ORDER BY p.paused_on, p.id LIMIT 1`,
      [accountId, requestId],
    );
    return row ?? null;
  }

  async all(): Promise<readonly PauseRow[]> {
    return sql<PauseRow>(
      this.dataSource.manager,
      `SELECT account_id AS "accountId", request_id AS "requestId", reason, paused_by AS by, paused_on AS since
       FROM expunge.pauses ORDER BY paused_on, id`,
    );
  }
}
