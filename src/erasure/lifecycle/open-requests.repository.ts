import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { sql } from '../../database/sql.js';
import { requestStatuses } from '../erasure-status.js';

export interface OpenRequestRow {
  readonly id: string;
  readonly createdOn: Date;
}

/** Finds requests of an app that have not settled. */
@Injectable()
export class OpenRequestsRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** The next of them in the order they came, after `last`; at most `limit`. */
  async of(
    clientId: string,
    since: Date,
    last: OpenRequestRow | null,
    limit: number,
  ): Promise<readonly OpenRequestRow[]> {
    return sql<OpenRequestRow>(
      this.dataSource.manager,
      `SELECT id, created_on AS "createdOn" FROM expunge.erasure_requests
       WHERE client_id = $1 AND settled_on IS NULL AND status = ANY ($2::text[]) AND created_on >= $3
         AND ($4::timestamptz IS NULL OR (created_on, id) > ($4, $5))
       ORDER BY created_on, id LIMIT $6`,
      [clientId, requestStatuses, since, last?.createdOn ?? null, last?.id ?? null, limit],
    );
  }
}
