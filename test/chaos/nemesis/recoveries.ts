import { type ChaosWorld, type Member } from './chaos-world.js';

/** Work that a blow has stopped, and since when. */
interface Stopped {
  readonly blow: 'worker' | 'all workers' | 'flush';
  readonly at: Date;
  /** The batch and the fence it had; null: whatever waits. */
  readonly batch: string | null;
  readonly fence: string | null;
}

/** Milliseconds from a blow until others went on with what it had stopped. */
export interface Distribution {
  readonly samples: number;
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
}

/** Measures how long it takes until work goes on. What the claims say is read from the audit, by the database's clock. */
export class Recoveries {
  private readonly stopped: Stopped[] = [];
  /** Until when another blow that takes time away from everybody has its say: samples that touch it are left out. */
  private readonly disturbed: (readonly [from: Date, to: Date])[] = [];

  constructor(private readonly world: ChaosWorld) {}

  /** Kills a worker and notes what it held; alone it was killed if another one runs that can take over. */
  async ofKill({ process: one, proxy }: Member, alone: boolean): Promise<void> {
    const { database } = this.world.postgres;
    const ports = proxy.clientPorts;
    one.signal('SIGKILL');
    const held = await database.run<{ at: Date; batch: string; fence: string }>(
      `SELECT clock_timestamp() AS at, b.id AS batch, b.fence FROM expunge.erasure_batches b
       WHERE b.state = 'RUNNING' AND b.worker IN (
         SELECT f.worker FROM audit.fences f JOIN pg_stat_activity a ON a.pid = f.pid AND f.at > a.backend_start
         WHERE a.client_port = ANY ($1::int[]))`,
      [ports],
    );
    for (const batch of held) this.stopped.push({ blow: alone ? 'worker' : 'all workers', ...batch });
  }

  /** Empties Redis and notes whether anything waited for a wake-up that is gone. */
  async ofFlush(): Promise<void> {
    const { postgres, redis } = this.world;
    await redis.flush();
    const [waits] = await postgres.database.run<{ at: Date; some: boolean }>(
      `SELECT clock_timestamp() AS at,
              EXISTS (SELECT FROM expunge.erasure_requests WHERE planned_on IS NULL AND fence = 0)
              OR EXISTS (SELECT FROM expunge.erasure_batches WHERE state = 'WAITING') AS some`,
    );
    if (waits?.some) this.stopped.push({ blow: 'flush', at: waits.at, batch: null, fence: null });
  }

  /** Another blow lasted from then until now. */
  disturbedSince(from: Date): void {
    this.disturbed.push([from, new Date()]);
  }

  async distribution(blow: Stopped['blow']): Promise<Distribution> {
    const times: number[] = [];
    for (const { at, batch, fence } of this.stopped.filter((one) => one.blow === blow)) {
      const [resumed] = await this.world.postgres.database.run<{ at: Date | null }>(
        `SELECT min(at) AS at FROM audit.fences WHERE at > $1 AND state = 'RUNNING'
           AND ($2::bigint IS NULL OR batch = $2 AND fence > $3::bigint)`,
        [at, batch, fence],
      );
      const until = resumed?.at;
      if (until && !this.disturbed.some(([from, to]) => from < until && to > at))
        times.push(until.getTime() - at.getTime());
    }
    times.sort((a, b) => a - b);
    const quantile = (q: number): number =>
      times[Math.min(times.length - 1, Math.floor(q * times.length))] ?? 0;
    return { samples: times.length, p50: quantile(0.5), p99: quantile(0.99), most: times.at(-1) ?? 0 };
  }
}
