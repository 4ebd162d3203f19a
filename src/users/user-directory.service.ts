import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { sql } from '../database/sql.js';

/** What the directory knows of a user besides identities. */
export interface DirectoryUser {
  readonly userId: string;
  readonly email: string | null;
  readonly enterpriseId: string | null;
}

/** A row of `user_identities` together with the account of its user. */
export interface IdentityClaim {
  readonly userId: string;
  readonly accountId: string;
  /** null: counts for all bots of `accountId`. */
  readonly botId: string | null;
  readonly channelId: string;
  readonly channelUserId: string;
}

/** Reads the directory's facts about users, in sets. */
@Injectable()
export class UserDirectoryService {
  /** The users of the account among these ids. */
  async usersOf(
    manager: EntityManager,
    accountId: string,
    userIds: readonly string[],
  ): Promise<readonly DirectoryUser[]> {
    if (userIds.length === 0) return [];
    return sql<DirectoryUser>(
      manager,
      `SELECT id AS "userId", email, enterprise_id AS "enterpriseId"
       FROM platform.users WHERE account_id = $1 AND id = ANY ($2::text[])`,
      [accountId, userIds],
    );
  }

  /**
   * Everyone's claim on these identities: on those of the users named now, and on those given joined
   * (`channelId/channelUserId`). Claims are found by the joined form, so pairs that only look alike when joined are
   * among them: (`a/b`, `c`) and (`a`, `b/c`). Written so that each is looked up in its index: this is asked in every
   * erasing transaction, and the planner would rather read all identities of the platform once for a few hundred.
   */
  async identityClaims(
    manager: EntityManager,
    userIds: readonly string[],
    joinedIdentities: readonly string[],
  ): Promise<readonly IdentityClaim[]> {
    if (userIds.length === 0 && joinedIdentities.length === 0) return [];
    return sql<IdentityClaim>(
      manager,
      `WITH wanted AS MATERIALIZED (
         SELECT channel_id || '/' || channel_user_id AS joined FROM platform.user_identities WHERE user_id = ANY ($1::text[])
         UNION SELECT unnest($2::text[])
       )
       SELECT i.user_id AS "userId", u.account_id AS "accountId", i.bot_id AS "botId",
              i.channel_id AS "channelId", i.channel_user_id AS "channelUserId"
       FROM wanted w
       JOIN platform.user_identities i ON i.channel_id || '/' || i.channel_user_id = ANY (ARRAY[w.joined])
       JOIN platform.users u ON u.id = ANY (ARRAY[i.user_id])`,
      [userIds, joinedIdentities],
    );
  }

  /**
   * Until the end of the transaction nobody gains or loses an identity: what is read after it stays true. Whoever holds them
   * is about to erase some, so one at a time: two that hold a mere SHARE lock would each wait for the other to let go.
   */
  async holdIdentities(manager: EntityManager): Promise<void> {
    await sql(manager, 'LOCK TABLE platform.user_identities IN SHARE ROW EXCLUSIVE MODE');
  }
}
