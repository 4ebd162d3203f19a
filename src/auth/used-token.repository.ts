import { type EntityManager } from 'typeorm';
import { sql } from '../database/sql.js';

/** The rows of `expunge.used_tokens`. */
export class UsedTokenRepository {
  async has(manager: EntityManager, clientId: string, hash: Buffer): Promise<boolean> {
    const rows = await sql(
      manager,
      'SELECT FROM expunge.used_tokens WHERE client_id = $1 AND jti_hash = $2',
      [clientId, hash],
    );
    return rows.length > 0;
  }

  /** Waits for another transaction that uses the same token. False when it was used before. */
  async insert(manager: EntityManager, clientId: string, hash: Buffer, expiresOn: Date): Promise<boolean> {
    const rows = await sql(
      manager,
      `INSERT INTO expunge.used_tokens (client_id, jti_hash, expires_on) VALUES ($1, $2, $3)
       ON CONFLICT (client_id, jti_hash) DO NOTHING RETURNING client_id`,
      [clientId, hash, expiresOn],
    );
    return rows.length > 0;
  }

  /** Rows that expired an hour ago: the clocks of the hosts may differ. Returns how many went, at most `limit`. */
  async deleteExpired(manager: EntityManager, limit: number): Promise<number> {
    const rows = await sql(
      manager,
      `WITH expired AS MATERIALIZED (
         SELECT client_id, jti_hash FROM expunge.used_tokens
         WHERE expires_on < clock_timestamp() - interval '1 hour'
         ORDER BY expires_on LIMIT $1 FOR UPDATE SKIP LOCKED)
       DELETE FROM expunge.used_tokens used USING expired
       WHERE used.client_id = expired.client_id AND used.jti_hash = expired.jti_hash
         AND used.expires_on < clock_timestamp() - interval '1 hour'
       RETURNING used.client_id`,
      [limit],
    );
    return rows.length;
  }
}
