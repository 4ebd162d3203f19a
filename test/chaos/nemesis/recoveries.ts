import { type ChaosWorld, type Member } from './chaos-world.js';

/** Work that a blow has stopped, and since when. */
interface Stopped {
  readonly blow: 'worker' | 'all workers' | 'flush';
  readonly at: Date;
  readonly batches: readonly string[];
  /** That they had; null: they waited. */
  readonly fence: string | null;
}

interface Held {
  readonly batch: string;
  readonly fence: string;
}

/** Milliseconds from a blow until others went on with what it had stopped. */
export interface Distribution {
  readonly samples: number;
  /** How many of them ended by a process that had worked before the blow; the others by one that was started after it. */
  readonly bySurvivors: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly most: number;
}

/** Measures how long it takes until work goes on. What the claims say is read from the audit, by the database's clock. */
export class Recoveries {
  private readonly stopped: Stopped[] = [];
  /** Until when another blow that takes time away from everybody has its say: samples that touch it are left out. */
  private readonly disturbed: (readonly [from: Date, to: Date])[] = [];

  constructor(private readonly world: ChaosWorld) {}

  /** Whether every worker runs and holds a batch, and whatever the blows so far have stopped is through. */
  async allAtWork(): Promise<boolean> {
    for (const worker of this.world.workers) if ((await this.heldBy(worker)).length === 0) return false;
    const killed = this.stopped.filter(({ fence }) => fence !== null).flatMap(({ batches }) => batches);
    const [open] = await this.world.postgres.database.run(
      `SELECT FROM expunge.erasure_batches WHERE id = ANY ($1::bigint[]) AND state <> 'SETTLED' LIMIT 1`,
      [killed],
    );
    return open === undefined;
  }

  /** Kills a worker and notes what it held; alone it was killed if another one runs that can take over. */
  async ofKill(worker: Member, alone: boolean): Promise<void> {
    // Before: the sessions by which it is known end with it.
    const held = await this.heldBy(worker);
    worker.process.signal('SIGKILL');
    for (const { batch, fence } of held) {
      // What it let go of in its last moment was not stopped.
      const [still] = await this.world.postgres.database.run<{ at: Date }>(
        `SELECT clock_timestamp() AS at FROM expunge.erasure_batches WHERE id = $1 AND fence = $2 AND state = 'RUNNING'`,
        [batch, fence],
      );
      if (still)
        this.stopped.push({ blow: alone ? 'worker' : 'all workers', ...still, batches: [batch], fence });
    }
  }

  /** Empties Redis and notes which batches waited for a wake-up that is gone. */
  async ofFlush(): Promise<void> {
    const { postgres, redis } = this.world;
    await redis.flush();
    const [waits] = await postgres.database.run<{ at: Date; batches: string[] | null }>(
      `SELECT clock_timestamp() AS at, array_agg(id::text) AS batches FROM expunge.erasure_batches WHERE state = 'WAITING'`,
    );
    if (waits?.batches)
      this.stopped.push({ blow: 'flush', at: waits.at, batches: waits.batches, fence: null });
  }

  /** Another blow lasted from then until now. */
  disturbedSince(from: Date): void {
    this.disturbed.push([from, new Date()]);
  }

  async distribution(blow: Stopped['blow']): Promise<Distribution> {
    const times: number[] = [];
    let bySurvivors = 0;
    for (const { at, batches, fence } of this.stopped.filter((one) => one.blow === blow)) {
      const [resumed] = await this.world.postgres.database.run<{ at: Date; survived: boolean }>(
        `SELECT f.at, EXISTS (SELECT FROM audit.fences e WHERE e.worker = f.worker AND e.at < $1) AS survived
         FROM audit.fences f WHERE f.at > $1 AND f.state = 'RUNNING' AND f.batch = ANY ($2::bigint[])
           AND ($3::bigint IS NULL OR f.fence > $3::bigint) ORDER BY f.at LIMIT 1`,
        [at, batches, fence],
      );
      if (!resumed || this.disturbed.some(([from, to]) => from < resumed.at && to > at)) continue;
      times.push(resumed.at.getTime() - at.getTime());
      if (resumed.survived) bySurvivors += 1;
    }
    times.sort((a, b) => a - b);
    const quantile = (q: number): number =>
      times[Math.min(times.length - 1, Math.floor(q * times.length))] ?? 0;
    return {
      samples: times.length,
      bySurvivors,
      p50: quantile(0.5),
      p90: quantile(0.9),
      p99: quantile(0.99),
      most: times.at(-1) ?? 0,
    };
  }

  /** A worker is known by its sessions, which are those of its proxy. */
  private async heldBy({ proxy }: Member): Promise<readonly Held[]> {
    return this.world.postgres.database.run<Held>(
      `SELECT b.id AS batch, b.fence FROM expunge.erasure_batches b
       WHERE b.state = 'RUNNING' AND b.worker IN (
         SELECT f.worker FROM audit.fences f JOIN pg_stat_activity a ON a.pid = f.pid AND f.at > a.backend_start
         WHERE a.client_port = ANY ($1::int[]))`,
      [proxy.clientPorts],
    );
  }
}
