import { type TurnKind } from '../entities/erasure-turn.entity.js';
import { isAccountPaused, isPaused } from './brake.js';

/** One kind of work. Conditions are SQL over a row `w` of its table. */
export interface WorkKind {
  readonly name: TurnKind;
  readonly table: string;
  /** Id of the request that it belongs to. */
  readonly request: string;
  /** Nobody has it; whether its time has come is said by `due`. */
  readonly waiting: string;
  /** From when on a waiting one may be taken. With `waiting`, account and id it is an index. */
  readonly due: string;
  /** Somebody has it. */
  readonly running: string;
}

/**
 * CTEs of which `next` (id, account_id) is the one row to take now, locked: what a dead worker left first; else, of all
 * accounts whose work waits, that of the one whose turn was longest ago, and of its rows the one that has waited longest.
 * So a million rows of one account keep another waiting for one turn, and of what waits nothing hides what is behind it.
 *
 * The accounts are found by stepping from one to the next along the index, which costs a look for each of them, however many
 * rows they have; the walk in turn ends at the first that has a row to take. The CTEs are MATERIALIZED: under a nested loop
 * a sub-select would be run, and its LIMIT applied, once for each row. The turn of an account that another worker takes at
 * this very moment is not waited for: it is being set to now anyway. What is paused is passed over, a whole account without
 * a look at its rows.
 */
export function nextInTurn(kind: WorkKind): string {
  const { name, table, request, waiting, due } = kind;
  return `WITH RECURSIVE orphaned AS MATERIALIZED (
    SELECT w.id, w.account_id FROM ${table} w
    WHERE ${isOrphaned(kind)}
    ORDER BY w.lease_until, w.id LIMIT 1 FOR UPDATE SKIP LOCKED
  ), account (id) AS (
    (SELECT w.account_id FROM ${table} w WHERE ${waiting} ORDER BY w.account_id LIMIT 1)
    UNION ALL
    SELECT (SELECT w.account_id FROM ${table} w WHERE ${waiting} AND w.account_id > account.id
            ORDER BY w.account_id LIMIT 1)
    FROM account WHERE account.id IS NOT NULL
  ), waiting AS MATERIALIZED (
    SELECT oldest.id, oldest.account_id FROM (
      SELECT account.id FROM account
        LEFT JOIN expunge.erasure_turns t ON t.kind = '${name}' AND t.account_id = account.id
      WHERE account.id IS NOT NULL AND NOT EXISTS (SELECT FROM orphaned) AND NOT ${isAccountPaused('account.id')}
      ORDER BY t.taken_on NULLS FIRST, account.id
    ) in_turn CROSS JOIN LATERAL (
      SELECT w.id, w.account_id FROM ${table} w
      WHERE ${waiting} AND w.account_id = in_turn.id AND ${due} <= statement_timestamp()
        AND NOT ${isPaused('w.account_id', request)}
      ORDER BY ${due}, w.id LIMIT 1 FOR UPDATE SKIP LOCKED
    ) oldest LIMIT 1
  ), next AS (
    SELECT id, account_id FROM orphaned UNION ALL SELECT id, account_id FROM waiting
  ), turn AS MATERIALIZED (
    SELECT t.account_id FROM expunge.erasure_turns t JOIN next ON next.account_id = t.account_id
    WHERE t.kind = '${name}' FOR UPDATE OF t SKIP LOCKED
  ), taken AS (
    UPDATE expunge.erasure_turns t SET taken_on = clock_timestamp() FROM turn
    WHERE t.kind = '${name}' AND t.account_id = turn.account_id
  ), first_taken AS (
    INSERT INTO expunge.erasure_turns (kind, account_id, taken_on)
    SELECT '${name}', next.account_id, clock_timestamp() FROM next
    WHERE NOT EXISTS (SELECT FROM expunge.erasure_turns t WHERE t.kind = '${name}' AND t.account_id = next.account_id)
    ON CONFLICT DO NOTHING
  )`;
}

/** Whether something waits of accounts whose id is so (`< $2`): a look for each of them, as in `nextInTurn`. */
export function anyWaiting({ table, request, waiting, due }: WorkKind, account: string): string {
  return `EXISTS (
    SELECT FROM ${table} w
    WHERE ${waiting} AND w.account_id ${account} AND ${due} <= statement_timestamp()
      AND NOT ${isPaused('w.account_id', request)}
  )`;
}

/** Whether a dead worker left something, of whichever account. */
export function anyOrphaned(kind: WorkKind): string {
  return `EXISTS (SELECT FROM ${kind.table} w WHERE ${isOrphaned(kind)})`;
}

function isOrphaned({ request, running }: WorkKind): string {
  return `${running} AND w.lease_until < statement_timestamp() AND NOT ${isPaused('w.account_id', request)}`;
}
