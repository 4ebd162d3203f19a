import { type EntityManager } from 'typeorm';
import { sql } from '../../../database/sql.js';
import { type Holder } from '../../reclaim-sight.js';

export interface Horizon {
  readonly next: number;
  readonly horizon: number | null;
  readonly heldBy: Holder;
}

/**
 * What was erased by transactions below the horizon, nobody sees any more. Rather too low than too high: what can't be known
 * holds it back entirely.
 *
 * - The oldest running transaction comes from the statement's own snapshot, taken before sessions are looked at: a snapshot
 *   that is taken after that can be no older.
 * - A vacuum at work is not regarded by other vacuums, nor here.
 * - A standby tells what its queries still see (`hot_standby_feedback`) by its connection or by its slot. One that doesn't,
 *   and a physical slot whose owner is away, may see anything. Subscribers, and what only receives WAL, see nothing.
 *
 * @throws DatabaseFault
 */
export async function readHorizon(manager: EntityManager): Promise<Horizon> {
  // What this transaction has read of sessions before is no longer so.
  await sql(manager, 'SELECT pg_stat_clear_snapshot()');
  const [row] = await sql<{ next: string; horizon: string | null; heldBy: Holder }>(
    manager,
    `WITH snapshot AS MATERIALIZED (
       SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest,
              pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next
     ), standby AS MATERIALIZED (
       SELECT COALESCE(r.backend_xmin, s.xmin) AS xmin
       FROM pg_stat_replication r LEFT JOIN pg_replication_slots s ON s.active_pid = r.pid
       WHERE r.replay_lsn IS NOT NULL AND s.slot_type IS DISTINCT FROM 'logical'
       UNION ALL
       SELECT xmin FROM pg_replication_slots WHERE slot_type = 'physical' AND NOT active
     ), held (by, horizon) AS (
       SELECT 'HELD_BY_SNAPSHOT', oldest FROM snapshot
       UNION ALL
       SELECT 'HELD_BY_SNAPSHOT', next - GREATEST(age(a.backend_xmin), age(a.backend_xid))
       FROM snapshot, pg_stat_activity a
       WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
         AND a.pid NOT IN (SELECT pid FROM pg_stat_progress_vacuum)
       UNION ALL
       SELECT 'HELD_BY_STANDBY', CASE WHEN xmin IS NULL THEN 0 ELSE next - age(xmin) END FROM snapshot, standby
       UNION ALL
       SELECT 'HELD_BY_SLOT', next - age(xmin) FROM snapshot, pg_replication_slots WHERE xmin IS NOT NULL
       UNION ALL
       SELECT 'HELD_BY_PREPARED_TRANSACTION', next - age(transaction)
       FROM snapshot, pg_prepared_xacts WHERE database = current_database()
     )
     SELECT snapshot.next::text,
       CASE WHEN pg_has_role('pg_read_all_stats', 'USAGE') THEN
         (GREATEST(horizon - COALESCE(current_setting('vacuum_defer_cleanup_age', true)::bigint, 0), 0))::text
       END AS horizon, by AS "heldBy"
     FROM snapshot, held WHERE horizon IS NOT NULL
     ORDER BY held.horizon, by = 'HELD_BY_SNAPSHOT', by LIMIT 1`,
  );
  if (!row) throw new Error('a snapshot always has an oldest transaction');
  const { next, horizon, heldBy } = row;
  return { next: Number(next), horizon: horizon === null ? null : Number(horizon), heldBy };
}
