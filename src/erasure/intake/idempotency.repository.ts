import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { sql } from '../../database/sql.js';

/** What stands for a call: keyed hashes that nobody can turn back. */
export interface CallMarks {
  readonly keyHash: Buffer;
  readonly bodyHash: Buffer;
}

export interface FirstCall {
  readonly requestId: string;
  readonly bodyHash: Buffer;
}

/** The rows of `expunge.idempotency_keys`. */
@Injectable()
export class IdempotencyRepository {
  /**
   * Keeps the key for 24 hours, for this transaction's request. Waits for another transaction that uses the same key. False
   * when it is taken; one that has run out, and that nobody has swept yet, is free.
   */
  async take(
    manager: EntityManager,
    clientId: string,
    { keyHash, bodyHash }: CallMarks,
    requestId: string,
  ): Promise<boolean> {
    const rows = await sql(
      manager,
      `INSERT INTO expunge.idempotency_keys AS k (client_id, key_hash, body_hash, request_id, expires_on)
       VALUES ($1, $2, $3, $4, clock_timestamp() + interval '24 hours')
       ON CONFLICT (client_id, key_hash) DO UPDATE
         SET body_hash = excluded.body_hash, request_id = excluded.request_id, expires_on = excluded.expires_on
         WHERE k.expires_on <= clock_timestamp()
       RETURNING client_id`,
      [clientId, keyHash, bodyHash, requestId],
    );
    return rows.length > 0;
  }

  /** The call that took the key; null once it is swept. */
  async find(manager: EntityManager, clientId: string, keyHash: Buffer): Promise<FirstCall | null> {
    const [row] = await sql<FirstCall>(
      manager,
      `SELECT request_id AS "requestId", body_hash AS "bodyHash" FROM expunge.idempotency_keys
       WHERE client_id = $1 AND key_hash = $2`,
      [clientId, keyHash],
    );
    return row ?? null;
  }
}
