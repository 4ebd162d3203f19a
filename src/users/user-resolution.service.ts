import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { preparedSql } from '../database/prepared-sql.js';
import { type MatchKind, type UserReference } from './user-reference.js';

/** A user of the account that an entry fits, and by which kind. */
export interface UserMatch {
  /** Index into the page of references. */
  readonly index: number;
  readonly kind: MatchKind;
  readonly userId: string;
}

/** Finds the users that entries mean, a page at a time, within one account. */
@Injectable()
export class UserResolutionService {
  /**
   * Users that each reference fits, in whatever way: one statement a page. Of each way two at most: more than one distinct
   * user for an index means that the entry is ambiguous, and a million people may share what a channel knows them by. Pairs
   * are compared joined by `/`, never split: either side may hold a slash.
   */
  async resolve(
    manager: EntityManager,
    accountId: string,
    references: readonly UserReference[],
  ): Promise<readonly UserMatch[]> {
    if (references.length === 0) return [];
    return preparedSql<UserMatch>(manager, statement, [
      accountId,
      references.map((_, index) => index),
      references.map((reference) => reference.kind),
      references.map((reference) => reference.value),
      references.map((reference) => reference.channelId),
    ]);
  }
}

/**
 * Two users of the account who have an identity like this, found one after the other in the index: the second look goes on
 * only until it has come past the identities of the first user.
 */
function twoWho(identity: string): string {
  const users = `FROM platform.user_identities i JOIN platform.users u ON u.id = i.user_id AND u.account_id = $1
    WHERE ${identity}`;
  return `(
    WITH one AS MATERIALIZED (SELECT u.id ${users} LIMIT 1)
    SELECT id FROM one
    UNION ALL
    SELECT another.id FROM one CROSS JOIN LATERAL (SELECT u.id ${users} AND u.id <> one.id LIMIT 1) another
  )`;
}

/**
 * Emails fold by `lower(… COLLATE "und-x-icu")`, as their index does: plain `lower()` may know ASCII only. User ids, emails
 * and enterprise ids are one user's in an account.
 */
const statement = `
  WITH entry AS MATERIALIZED (
    SELECT * FROM unnest($2::int[], $3::text[], $4::text[], $5::text[]) AS e (index, kind, value, channel)
  )
  SELECT e.index, 'userId' AS kind, u.id AS "userId"
  FROM entry e JOIN platform.users u ON u.id = e.value AND u.account_id = $1
  WHERE e.kind IN ('any', 'userId')
  UNION
  SELECT e.index, 'email', u.id
  FROM entry e JOIN platform.users u
    ON u.account_id = $1 AND lower(u.email COLLATE "und-x-icu") = lower(e.value COLLATE "und-x-icu")
  WHERE e.kind IN ('any', 'email')
  UNION
  SELECT e.index, 'enterpriseId', u.id
  FROM entry e JOIN platform.users u ON u.account_id = $1 AND u.enterprise_id = e.value
  WHERE e.kind IN ('any', 'enterpriseId')
  UNION
  SELECT e.index, 'channelUserId', u.id
  FROM entry e CROSS JOIN LATERAL ${twoWho('i.channel_user_id = e.value')} u
  WHERE e.kind = 'any'
  UNION
  SELECT e.index, 'identity', u.id
  FROM entry e CROSS JOIN LATERAL ${twoWho(`i.channel_id || '/' || i.channel_user_id = e.value`)} u
  WHERE e.kind = 'any'
  UNION
  SELECT e.index, 'identity', u.id
  FROM entry e CROSS JOIN LATERAL ${twoWho('i.channel_user_id = e.value AND i.channel_id = e.channel')} u
  WHERE e.kind = 'identity'`;
