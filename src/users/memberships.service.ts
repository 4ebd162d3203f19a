import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { preparedSql } from '../database/prepared-sql.js';
import { sql } from '../database/sql.js';

/** A role of a user: in an account, or in a bot of an account. */
export interface Membership {
  readonly userId: string;
  readonly of: 'account' | 'bot';
  /** null where the bot is gone. */
  readonly accountId: string | null;
  /** As the platform wrote it: `owner`, `member`, `co-developer`, or one that is new to us. */
  readonly role: string;
}

/** Who holds a role anywhere on the platform. */
@Injectable()
export class MembershipsService {
  /**
   * Until the end of the transaction nobody becomes an owner, member or co-developer: row locks on users don't stop that
   * (`FOR SHARE`) or stop the chat as well (`FOR UPDATE`), a SHARE lock on the two small tables does. Take it before
   * `rolesOf`, so that what is read after it stays true.
   */
  async hold(manager: EntityManager): Promise<void> {
    await sql(manager, 'LOCK TABLE platform.account_members, platform.bot_members IN SHARE MODE');
  }

  /** Every role of these users, in whatever account. */
  async rolesOf(manager: EntityManager, userIds: readonly string[]): Promise<readonly Membership[]> {
    if (userIds.length === 0) return [];
    return preparedSql<Membership>(
      manager,
      `SELECT user_id AS "userId", 'account' AS of, account_id AS "accountId", role
       FROM platform.account_members WHERE user_id = ANY ($1::text[])
       UNION ALL
       SELECT m.user_id, 'bot', b.account_id, m.role
       FROM platform.bot_members m LEFT JOIN platform.bots b ON b.id = m.bot_id WHERE m.user_id = ANY ($1::text[])`,
      [userIds],
    );
  }
}
