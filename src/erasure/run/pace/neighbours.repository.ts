import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { sql } from '../../../database/sql.js';

/** How the others on this database fare. */
export interface Sight {
  /** The database's time. */
  readonly on: Date;
  /** Of the standby that is farthest behind; null: there is none, or this role may not know. */
  readonly replicaLagMs: number | null;
  /** Whether this role may know. */
  readonly seesReplicas: boolean;
  /** Sessions that wait for a lock which one of ours holds. */
  readonly lockWaiters: number;
}

/** Looks at the sessions and standbys of the server. */
@Injectable()
export class NeighboursRepository {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * One statement, that takes milliseconds. A standby that has stopped answering for good is gone from the list after
   * `wal_sender_timeout`. What receives WAL and applies none of it (`pg_receivewal`, a backup) lags behind nothing.
   */
  async look(): Promise<Sight> {
    const [sight] = await sql<Sight>(
      this.dataSource.manager,
      `WITH ours AS MATERIALIZED (
         SELECT pid FROM pg_stat_activity WHERE usename = current_user AND application_name LIKE 'expunge %'
       ), waiting AS MATERIALIZED (
         SELECT DISTINCT pid FROM pg_locks WHERE NOT granted AND pid NOT IN (SELECT pid FROM ours)
       )
       SELECT clock_timestamp() AS on, pg_has_role('pg_read_all_stats', 'USAGE') AS "seesReplicas",
         (SELECT extract(epoch FROM max(replay_lag)) * 1000 FROM pg_stat_replication
          WHERE state IN ('streaming', 'catchup') AND replay_lsn IS NOT NULL)::float8 AS "replicaLagMs",
         (SELECT count(*) FROM waiting
          WHERE pg_blocking_pids(pid) && ARRAY(SELECT pid FROM ours))::integer AS "lockWaiters"`,
    );
    if (!sight) throw new Error('a SELECT without FROM answers with one row');
    return sight;
  }
}
