import { type DataSource } from 'typeorm';
import { sql } from '../../src/database/sql.js';

export interface Watched {
  readonly walBytes: number;
  /** Milliseconds that each transaction lasted that was seen at work, as far as it was seen. */
  readonly transactionsMs: readonly number[];
}

interface Seen {
  readonly transaction: string;
  readonly ms: number;
}

/** Watches the server from a connection of its own, while somebody works on the database. */
export class Watch {
  private readonly longest = new Map<string, number>();
  private stopped = false;
  private looking: Promise<void> = Promise.resolve();

  private constructor(
    private readonly source: DataSource,
    private readonly from: string,
    private readonly role: string | null,
  ) {}

  /**
   * @param everyMs how often it looks: as exactly as that it knows how long a transaction lasted
   * @param role whose transactions; without it everybody's but the bench's own
   */
  static async start(source: DataSource, everyMs = 20, role: string | null = null): Promise<Watch> {
    const [at] = await sql<{ lsn: string }>(
      source.manager,
      'SELECT pg_current_wal_insert_lsn()::text AS lsn',
    );
    const watch = new Watch(source, at?.lsn ?? '0/0', role);
    watch.looking = watch.look(everyMs);
    return watch;
  }

  async stop(): Promise<Watched> {
    this.stopped = true;
    await this.looking;
    const [written] = await sql<{ bytes: string }>(
      this.source.manager,
      'SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), $1::pg_lsn)::text AS bytes',
      [this.from],
    );
    return { walBytes: Number(written?.bytes ?? 0), transactionsMs: [...this.longest.values()] };
  }

  private async look(everyMs: number): Promise<void> {
    while (!this.stopped) {
      const seen = await sql<Seen>(
        this.source.manager,
        `SELECT pid || ' ' || xact_start AS transaction,
           (extract(epoch FROM clock_timestamp() - xact_start) * 1000)::float8 AS ms
         FROM pg_stat_activity
         WHERE datname = current_database() AND application_name <> 'bench' AND xact_start IS NOT NULL
           AND backend_type = 'client backend' AND ($1::text IS NULL OR usename = $1)`,
        [this.role],
      );
      for (const { transaction, ms } of seen) this.longest.set(transaction, ms);
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }
}
