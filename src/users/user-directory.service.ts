import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { preparedSql } from '../database/prepared-sql.js';
import { sql } from '../database/sql.js';

/** What the directory knows of a user besides identities. */
export interface DirectoryUser {
  readonly userId: string;
  readonly email: string | null;
  readonly enterpriseId: string | null;
}

type Nullable<T> = { readonly [Name in keyof T]: T[Name] | null };

/** A row of `user_identities` together with the account of its user. */
export interface IdentityClaim {
  readonly userId: string;
  readonly accountId: string;
  /** null: counts for all bots of `accountId`. */
  readonly botId: string | null;
  readonly channelId: string;
  readonly channelUserId: string;
}

/** Who claims some identities. */
export interface IdentityClaims {
  /** All claims of the users asked for. */
  readonly own: readonly IdentityClaim[];
  /**
   * Of each identity, bot and account that is not one of those users' alone, two people's claims or the only one's: of
   * whomever is asked, one of them is somebody else's where anybody else has one. An identity that everybody shares has as
   * many claims as there are users; one that only somebody asked for has, as most are, is among their own.
   */
  readonly anyones: readonly IdentityClaim[];
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
    return preparedSql<DirectoryUser>(
      manager,
      `SELECT id AS "userId", email, enterprise_id AS "enterpriseId"
       FROM platform.users WHERE account_id = $1 AND id = ANY ($2::text[])`,
      [accountId, userIds],
    );
  }

  /**
   * The claims of the users named now, and who else there is on any of those identities or of those given joined
   * (`channelId/channelUserId`). They are found by the joined form, so pairs that only look alike when joined are among
   * them: (`a/b`, `c`) and (`a`, `b/c`). Written so that each is looked up in its index: this is asked in every erasing
   * transaction, and the planner would rather read all identities of the platform once for a few hundred.
   */
  async identityClaims(
    manager: EntityManager,
    userIds: readonly string[],
    joinedIdentities: readonly string[],
  ): Promise<IdentityClaims> {
    if (userIds.length === 0 && joinedIdentities.length === 0) return { own: [], anyones: [] };
    const rows = await preparedSql<IdentityClaim & { readonly own: boolean }>(
      manager,
      `WITH own AS MATERIALIZED (
         SELECT i.user_id, u.account_id, i.bot_id, i.channel_id, i.channel_user_id
         FROM unnest($1::text[]) AS a (id)
         JOIN platform.users u ON u.id = ANY (ARRAY[a.id])
         JOIN platform.user_identities i ON i.user_id = ANY (ARRAY[u.id])
       ), wanted AS MATERIALIZED (
         SELECT channel_id || '/' || channel_user_id AS joined FROM own UNION SELECT unnest($2::text[])
       ), claimed AS MATERIALIZED (
         SELECT min(i.user_id COLLATE "C") AS first, max(i.user_id COLLATE "C") AS last,
                u.account_id, i.bot_id, i.channel_id, i.channel_user_id
         FROM wanted w
         JOIN platform.user_identities i ON i.channel_id || '/' || i.channel_user_id = ANY (ARRAY[w.joined])
         JOIN platform.users u ON u.id = ANY (ARRAY[i.user_id])
         GROUP BY u.account_id, i.bot_id, i.channel_id, i.channel_user_id
         HAVING min(i.user_id COLLATE "C") <> max(i.user_id COLLATE "C")
           OR (min(i.user_id COLLATE "C") IN (SELECT unnest($1::text[]))) IS NOT TRUE
       ), told (own, user_id, account_id, bot_id, channel_id, channel_user_id) AS (
         SELECT true, * FROM own
         UNION ALL
         SELECT false, first, account_id, bot_id, channel_id, channel_user_id FROM claimed
         UNION ALL
         SELECT false, last, account_id, bot_id, channel_id, channel_user_id FROM claimed WHERE last <> first
       )
       SELECT own, user_id AS "userId", account_id AS "accountId", bot_id AS "botId", channel_id AS "channelId",
              channel_user_id AS "channelUserId"
       FROM told`,
      [userIds, joinedIdentities],
    );
    return { own: rows.filter(({ own }) => own), anyones: rows.filter(({ own }) => !own) };
  }

  /**
   * Which email addresses and enterprise ids of these people are another user's of the account by now: a directory gives
   * them to one user at a time, but may give them on.
   *
   * @param persons `userId` null: somebody in no directory, whose keys are another's if they are any user's
   */
  async keysOfOthers(
    manager: EntityManager,
    accountId: string,
    persons: readonly Nullable<DirectoryUser>[],
  ): Promise<readonly { readonly index: number; readonly key: 'email' | 'enterpriseId' }[]> {
    return preparedSql(
      manager,
      `WITH person AS MATERIALIZED (
         SELECT nth::int - 1 AS index, user_id, email, enterprise_id
         FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS p (user_id, email, enterprise_id, nth)
       )
       SELECT p.index, 'email' AS key FROM person p
       JOIN platform.users u ON u.account_id = $1
        AND lower(u.email COLLATE "und-x-icu") = ANY (ARRAY[lower(p.email COLLATE "und-x-icu")])
       WHERE u.id IS DISTINCT FROM p.user_id
       UNION ALL
       SELECT p.index, 'enterpriseId' FROM person p
       JOIN platform.users u ON u.account_id = $1 AND u.enterprise_id = ANY (ARRAY[p.enterprise_id])
       WHERE u.id IS DISTINCT FROM p.user_id`,
      [
        accountId,
        persons.map(({ userId }) => userId),
        persons.map(({ email }) => email),
        persons.map(({ enterpriseId }) => enterpriseId),
      ],
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
