import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../../../src/database/embedded/connection.js';
import { BuiltCommand } from '../../support/built-command.js';
import { Platform } from '../../support/platform.js';
import { TestService } from '../../support/service.js';
import { Audit, auditedDataMap } from '../audit.js';
import { type Home } from '../cohort.js';
import { RowWitness } from '../row-witness.js';
import { ChaosPostgres } from './chaos-postgres.js';
import { ChaosRedis } from './chaos-redis.js';
import { PostgresProxy } from './postgres-proxy.js';
import { type SeededRandom } from './seeded-random.js';
import { Supervised } from './supervised.js';

const READY_WITHIN_MS = 60_000;

/** One process of the service and its own way to the database. */
export interface Member {
  readonly process: Supervised;
  readonly proxy: PostgresProxy;
}

export interface App {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Small pieces, so that a blow finds something half done; every other setting is as it comes. */
const smallPieces = {
  EXPUNGE_PLAN_PAGE_ENTRIES: '10',
  EXPUNGE_BATCH_PERSONS: '12',
  EXPUNGE_CHUNK_PERSONS: '6',
  EXPUNGE_CHUNK_ROWS: '20',
  EXPUNGE_RATE_LIMIT_PER_MINUTE: '0',
  EXPUNGE_RATE_LIMIT_PER_HOUR: '0',
  EXPUNGE_AUTH_FAILURES_PER_MINUTE: '0',
};

/** An API, two workers, PostgreSQL and Redis: real processes, all of them of this world alone. */
export class ChaosWorld {
  private constructor(
    readonly postgres: ChaosPostgres,
    readonly redis: ChaosRedis,
    readonly api: Member,
    readonly workers: readonly Member[],
    readonly app: App,
    readonly home: Home,
    readonly witness: RowWitness,
    readonly audit: Audit,
    private readonly opened: readonly (() => Promise<unknown>)[],
  ) {}

  /**
   * @param faults what a process is told at a start: `FAULT_POINTS`, or nothing
   * @param direct the processes take their way to the database for a direct one
   */
  static async open(
    random: SeededRandom,
    faults: (name: string) => string,
    direct: boolean,
  ): Promise<ChaosWorld> {
    const directory = await mkdtemp(join(tmpdir(), `expunge-test-${process.pid}-`));
    const opened: (() => Promise<unknown>)[] = [() => rm(directory, { recursive: true, force: true })];
    try {
      await chmod(directory, 0o711);
      const redis = await ChaosRedis.start(directory);
      opened.push(() => redis.kill());
      const postgres = await ChaosPostgres.start(directory);
      opened.push(() => postgres.stop());
      const { database } = postgres;
      const audit = await Audit.install(database);
      const dataMap = await auditedDataMap(join(directory, 'data-map.yaml'));
      const command = await BuiltCommand.build();
      opened.push(() => command.remove());
      const masterKey = randomBytes(32);
      const home = await makeHome(postgres);
      const url = await database.serviceUrl();
      const port = await freePort(0);
      const app = await makeApp(url, masterKey, home.account, `http://127.0.0.1:${port}`);
      const member = async (name: string, role: 'api' | 'worker'): Promise<Member> => {
        const proxy = await PostgresProxy.to(() => postgres.port, direct);
        opened.push(() => proxy.close());
        const proxied = new URL(url);
        proxied.port = String(proxy.port);
        const env = {
          ...smallPieces,
          DATABASE_URL: proxied.href,
          REDIS_URL: redis.url,
          EXPUNGE_MASTER_KEY: masterKey.toString('base64'),
          EXPUNGE_DATA_MAP: dataMap,
          EXPUNGE_ROLE: role,
          PORT: String(port),
        };
        const further = (): Record<string, string> => ({ FAULT_POINTS: faults(name) });
        return { process: new Supervised(name, command, env, further, () => random.between(0, 500)), proxy };
      };
      const api = await member('api', 'api');
      const workers = [await member('worker 1', 'worker'), await member('worker 2', 'worker')];
      const witness = await RowWitness.begin(database);
      return new ChaosWorld(postgres, redis, api, workers, app, home, witness, audit, opened);
    } catch (error) {
      for (const close of opened.reverse()) await close();
      throw error;
    }
  }

  get members(): readonly Member[] {
    return [this.api, ...this.workers];
  }

  /** Starts the processes and waits until the API can accept. */
  async start(): Promise<void> {
    for (const { process: one } of this.members) one.start();
    for (const deadline = Date.now() + READY_WITHIN_MS; ;) {
      if ((await fetch(`${this.app.url}/health/ready`).catch(() => null))?.ok) return;
      if (Date.now() > deadline) throw new Error(`not ready: ${this.api.process.said.join('\n')}`);
      await wait(100);
    }
  }

  /** Everything runs and answers again: what is not settled from here on has no excuse but its own time. */
  async heal(): Promise<void> {
    this.redis.signal('SIGCONT');
    this.redis.start();
    for (const { process: one, proxy } of this.members) {
      proxy.recover();
      one.signal('SIGCONT');
    }
    await this.postgres.restart();
    await this.postgres.signalPostmaster('SIGCONT');
  }

  /** Stops the processes as an operator does. @returns what was wrong with how they stopped */
  async stopProcesses(): Promise<readonly string[]> {
    const wrong = await Promise.all(this.members.map(({ process: one }) => one.stop()));
    return wrong.flatMap((words) => words ?? []);
  }

  async close(): Promise<void> {
    await this.stopProcesses();
    for (const close of [...this.opened].reverse()) await close();
  }
}

async function makeHome(postgres: ChaosPostgres): Promise<Home> {
  const platform = new Platform(postgres.database);
  const account = await platform.account();
  return { account, bot: await platform.bot(account) };
}

async function makeApp(databaseUrl: string, masterKey: Buffer, account: string, url: string): Promise<App> {
  const service = await TestService.start(databaseUrl, { role: 'api', masterKey, databasePoolSize: 2 });
  try {
    const { clientId, clientSecret } = await service.client(account);
    return { url, clientId, clientSecret };
  } finally {
    await service.stop();
  }
}
