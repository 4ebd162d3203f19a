import { type EntityManager } from 'typeorm';
import { sql } from '../database/sql.js';
import { type ClientAppEntity } from './client-app.entity.js';

export type ClientAppRow = ClientAppEntity;
export type NewClientAppRow = Omit<ClientAppEntity, 'version' | 'createdOn' | 'revokedOn'>;

const COLUMNS = `client_id AS "clientId", account_id AS "accountId", name, secret, scopes, origin,
  token_policy AS "tokenPolicy", token_policy_until AS "tokenPolicyUntil", audience, require_jti AS "requireJti",
  version, created_on AS "createdOn", revoked_on AS "revokedOn"`;

/** The rows of `expunge.client_apps`. Every change adds one to `version`. */
export class ClientAppRepository {
  async insert(manager: EntityManager, app: NewClientAppRow): Promise<void> {
    await sql(
      manager,
      `INSERT INTO expunge.client_apps (client_id, account_id, name, secret, scopes, origin, token_policy,
         token_policy_until, audience, require_jti)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        app.clientId,
        app.accountId,
        app.name,
        app.secret,
        app.scopes,
        app.origin,
        app.tokenPolicy,
        app.tokenPolicyUntil,
        app.audience,
        app.requireJti,
      ],
    );
  }

  async find(manager: EntityManager, clientId: string): Promise<ClientAppRow | null> {
    const rows = await sql<ClientAppRow>(
      manager,
      `SELECT ${COLUMNS} FROM expunge.client_apps WHERE client_id = $1`,
      [clientId],
    );
    return rows[0] ?? null;
  }

  /** null: no such app. */
  async version(manager: EntityManager, clientId: string): Promise<number | null> {
    const rows = await sql<{ version: number }>(
      manager,
      'SELECT version FROM expunge.client_apps WHERE client_id = $1',
      [clientId],
    );
    return rows[0]?.version ?? null;
  }

  all(manager: EntityManager): Promise<ClientAppRow[]> {
    return sql(manager, `SELECT ${COLUMNS} FROM expunge.client_apps ORDER BY created_on, client_id`);
  }

  /** False when the app is unknown or revoked. */
  async replaceSecret(manager: EntityManager, clientId: string, secret: Buffer): Promise<boolean> {
    const rows = await sql(
      manager,
      `UPDATE expunge.client_apps SET secret = $2, version = version + 1
       WHERE client_id = $1 AND revoked_on IS NULL RETURNING client_id`,
      [clientId, secret],
    );
    return rows.length > 0;
  }

  /** False when the app is unknown, revoked or `strict`. */
  async setEnd(manager: EntityManager, clientId: string, until: Date): Promise<boolean> {
    const rows = await sql(
      manager,
      `UPDATE expunge.client_apps SET token_policy_until = $2, version = version + 1
       WHERE client_id = $1 AND revoked_on IS NULL AND token_policy = 'compatible' RETURNING client_id`,
      [clientId, until],
    );
    return rows.length > 0;
  }

  /** The first time of revoking stays. False when the app is unknown. */
  async revoke(manager: EntityManager, clientId: string): Promise<boolean> {
    const rows = await sql(
      manager,
      `UPDATE expunge.client_apps
       SET revoked_on = COALESCE(revoked_on, clock_timestamp()), version = version + 1
       WHERE client_id = $1 RETURNING client_id`,
      [clientId],
    );
    return rows.length > 0;
  }
}
