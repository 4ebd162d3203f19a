import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { sql } from '../database/sql.js';
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
   * Every user that each reference fits, in whatever way: one statement a page. More than one distinct user for an index
   * means that the entry is ambiguous. Pairs are compared joined by `/`, never split: either side may hold a slash.
   */
  async resolve(
    manager: EntityManager,
    accountId: string,
    references: readonly UserReference[],
  ): Promise<readonly UserMatch[]> {
    if (references.length === 0) return [];
    return sql<UserMatch>(manager, statement, [
      accountId,
      references.map((_, index) => index),
      references.map((reference) => reference.kind),
      references.map((reference) => reference.value),
      references.map((reference) => reference.channelId),
    ]);
  }
}

/** Emails fold by `lower(… COLLATE "und-x-icu")`, as their index does: plain `lower()` may know ASCII only. */
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
  FROM entry e JOIN platform.user_identities i ON i.channel_user_id = e.value
    JOIN platform.users u ON u.id = i.user_id AND u.account_id = $1
  WHERE e.kind = 'any'
  UNION
  SELECT e.index, 'identity', u.id
  FROM entry e JOIN platform.user_identities i ON i.channel_id || '/' || i.channel_user_id = e.value
    JOIN platform.users u ON u.id = i.user_id AND u.account_id = $1
  WHERE e.kind = 'any'
  UNION
  SELECT e.index, 'identity', u.id
  FROM entry e JOIN platform.user_identities i ON i.channel_user_id = e.value AND i.channel_id = e.channel
    JOIN platform.users u ON u.id = i.user_id AND u.account_id = $1
  WHERE e.kind = 'identity'`;
