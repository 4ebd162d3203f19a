import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { sql } from '../database/sql.js';

/** The tenants of the platform. */
@Injectable()
export class AccountsService {
  async exists(manager: EntityManager, accountId: string): Promise<boolean> {
    const rows = await sql(manager, 'SELECT FROM platform.accounts WHERE id = $1', [accountId]);
    return rows.length > 0;
  }
}
