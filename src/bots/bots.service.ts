import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { sql } from '../database/sql.js';

/** Which bots an account owns. */
@Injectable()
export class BotsService {
  /** Those of `botIds` that are bots of the account; one that exists elsewhere and one that doesn't are the same: missing. */
  async ownedAmong(
    manager: EntityManager,
    accountId: string,
    botIds: readonly string[],
  ): Promise<ReadonlySet<string>> {
    const rows = await sql<{ id: string }>(
      manager,
      'SELECT id FROM platform.bots WHERE account_id = $1 AND id = ANY ($2::text[])',
      [accountId, botIds],
    );
    return new Set(rows.map((row) => row.id));
  }

  /** All bots of the account. */
  async ofAccount(manager: EntityManager, accountId: string): Promise<readonly string[]> {
    const rows = await sql<{ id: string }>(
      manager,
      'SELECT id FROM platform.bots WHERE account_id = $1 ORDER BY id',
      [accountId],
    );
    return rows.map((row) => row.id);
  }

  /** `botIds` without those that are another account's by now. A bot that was deleted since stays: its rows are here. */
  async notTakenFrom(
    manager: EntityManager,
    accountId: string,
    botIds: readonly string[],
  ): Promise<readonly string[]> {
    const rows = await sql<{ id: string }>(
      manager,
      'SELECT id FROM platform.bots WHERE account_id <> $1 AND id = ANY ($2::text[])',
      [accountId, botIds],
    );
    const taken = new Set(rows.map((row) => row.id));
    return botIds.filter((id) => !taken.has(id));
  }
}
