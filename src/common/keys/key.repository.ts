import { type EntityManager } from 'typeorm';
import { sql } from '../../database/sql.js';
import { type KeyEntity } from './key.entity.js';
import { type KeyPlace, type KeyPurpose } from './key-purpose.js';

export type KeyRow = Pick<KeyEntity, 'id' | 'purpose' | 'accountId' | 'epoch'> & { readonly wrapped: Buffer };

const COLUMNS = 'id, purpose, account_id AS "accountId", epoch, wrapped';

/** The rows of `expunge.keys`. Destroyed keys are as good as absent. */
export class KeyRepository {
  all(manager: EntityManager): Promise<KeyRow[]> {
    return sql(manager, `SELECT ${COLUMNS} FROM expunge.keys WHERE wrapped IS NOT NULL ORDER BY id`);
  }

  async byId(manager: EntityManager, id: string): Promise<KeyRow | null> {
    const rows = await sql<KeyRow>(
      manager,
      `SELECT ${COLUMNS} FROM expunge.keys WHERE id = $1::uuid AND wrapped IS NOT NULL`,
      [id],
    );
    return rows[0] ?? null;
  }

  /** The one of the latest epoch. */
  async latest(
    manager: EntityManager,
    purpose: KeyPurpose,
    accountId: string | null,
  ): Promise<KeyRow | null> {
    const rows = await sql<KeyRow>(
      manager,
      `SELECT ${COLUMNS} FROM expunge.keys
       WHERE purpose = $1 AND COALESCE(account_id, '') = COALESCE($2, '') AND wrapped IS NOT NULL
       ORDER BY epoch DESC LIMIT 1`,
      [purpose, accountId],
    );
    return rows[0] ?? null;
  }

  /** Does nothing where another process was first. */
  async insertIfAbsent(manager: EntityManager, place: KeyPlace, wrapped: Buffer): Promise<void> {
    await sql(
      manager,
      `INSERT INTO expunge.keys (id, purpose, account_id, epoch, wrapped) VALUES ($1::uuid, $2, $3, $4, $5)
       ON CONFLICT (purpose, COALESCE(account_id, ''), epoch) DO NOTHING`,
      [place.id, place.purpose, place.accountId, place.epoch, wrapped],
    );
  }

  /** Does nothing where another process has wrapped it again meanwhile. */
  async rewrap(manager: EntityManager, id: string, from: Buffer, to: Buffer): Promise<void> {
    await sql(manager, 'UPDATE expunge.keys SET wrapped = $3 WHERE id = $1::uuid AND wrapped = $2', [
      id,
      from,
      to,
    ]);
  }
}
