import { type DataSource } from 'typeorm';
import { sql } from '../../src/database/sql.js';
import { type Contestant, type Ran } from '../frame/contestant.js';
import { type Arena, type Slice } from '../platform/arena.js';
import { type BenchProcess } from '../servers/child-process.js';
import { startExpunge } from '../servers/expunge-processes.js';
import { EraseClient } from '../servers/erase-client.js';
import { here, type Distance } from '../servers/distance.js';
import { chunksOf } from './in-chunks.js';

export interface EngineOptions {
  readonly slices: number;
  readonly name?: string;
  readonly distance?: Distance;
  readonly workers?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeArgs?: readonly string[];
}

/** As many as a call takes. */
const callSize = 10_000;
const withinMs = 1_800_000;

/**
 * The built service as in production: an API and worker processes on Redis, under the role that `expunge grants` makes. Timed
 * from the answer to the first call, from when on a worker may erase, until the database says that everyone has ended; with
 * planning, key sets, counts, probe and roll-up, and with accepting the further calls that more than 10,000 people take.
 */
export class Engine implements Contestant {
  private constructor(
    readonly name: string,
    readonly slices: number,
    private readonly source: DataSource,
    private readonly client: EraseClient,
    private readonly api: BenchProcess,
    readonly workers: readonly BenchProcess[],
  ) {}

  static async open(arena: Arena, options: EngineOptions): Promise<Engine> {
    const { distance = here, workers = 1 } = options;
    const common = {
      command: arena.servers.command,
      redisUrl: arena.servers.redisUrl,
      env: {
        EXPUNGE_DATA_MAP: arena.layout.dataMapPath,
        EXPUNGE_PACE: 'full',
        // Several engines may live one after the other on the same Redis.
        EXPUNGE_REDIS_PREFIX: new URL(arena.ownerUrl).pathname.slice(1) + (options.name ?? ''),
        ...options.env,
      },
      nodeArgs: options.nodeArgs ?? [],
    };
    const databaseUrl = distance.url(arena.serviceUrl);
    const [api, ...started] = await Promise.all([
      startExpunge('api', { ...common, databaseUrl: arena.serviceUrl }),
      ...Array.from({ length: workers }, () => startExpunge('worker', { ...common, databaseUrl })),
    ]);
    const client = await EraseClient.create(arena, api.said);
    return new Engine(options.name ?? 'engine', options.slices, arena.source, client, api, started);
  }

  async run({ userIds, rows }: Slice): Promise<Ran> {
    for (const worker of this.workers) await worker.begin();
    const requests: string[] = [];
    let accepted: number | null = null;
    for (const call of chunksOf(userIds, callSize)) {
      requests.push(await this.client.erase({ userIds: call, RemoveDataFromAllBots: true }));
      accepted ??= await this.now();
    }
    const settled = await this.settledAt(requests);
    const [reading] = await Promise.all(this.workers.map((worker) => worker.end()));
    const seconds = settled - (accepted ?? NaN);
    return { seconds, rows, finished: true, ...(reading ? { process: reading } : {}) };
  }

  async close(): Promise<void> {
    await Promise.all([...this.workers, this.api].map((process) => process.stop()));
  }

  /** @returns seconds of the database's clock */
  private async now(): Promise<number> {
    const [clock] = await sql<{ now: number }>(
      this.source.manager,
      'SELECT extract(epoch FROM clock_timestamp())::float8 AS now',
    );
    return clock?.now ?? NaN;
  }

  /** @returns when the last of them settled, in seconds of the database's clock @throws Error unless everyone is SUCCESS */
  private async settledAt(requests: readonly string[]): Promise<number> {
    const asked = Date.now();
    while (Date.now() - asked < withinMs) {
      const [open] = await sql<{ open: number; at: number; failed: number }>(
        this.source.manager,
        `SELECT count(*) FILTER (WHERE settled_on IS NULL)::integer AS open,
           extract(epoch FROM max(settled_on))::float8 AS at,
           count(*) FILTER (WHERE settled_on IS NOT NULL AND status <> 'completed')::integer AS failed
         FROM expunge.erasure_requests WHERE id = ANY ($1::text[])`,
        [requests],
      );
      if (open && open.failed > 0) throw new Error('the engine did not erase everyone');
      if (open?.open === 0) return open.at;
      // Seldom enough to be no work beside what is measured; when it ended says the database.
      const pause = Math.min(Math.max(20, (Date.now() - asked) / 50), 100);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    throw new Error('the engine did not settle');
  }
}
