import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../src/database/data-source-options.js';
import { EmbeddedPostgres } from '../../src/database/embedded/embedded-postgres.js';
import { migrate } from '../../src/database/migrate.js';
import { startRedis } from '../../test/support/redis-server.js';
import { urlOf } from '../../test/support/templates.js';
import { root } from './child-process.js';

const template = 'bench_template';

/** PostgreSQL and Redis of one run of the bench, in a temporary directory that goes with them. */
export class BenchServers {
  private constructor(
    readonly redisUrl: string,
    readonly redisVersion: string,
    /** What the server was given besides its defaults. */
    readonly settings: Readonly<Record<string, string>>,
    /** A superuser's connections to the server's own database. */
    readonly administrator: DataSource,
    /** Path of the built program that is measured. */
    readonly command: string,
    private readonly url: string,
    private readonly closers: (() => Promise<void>)[],
  ) {}

  static async start(): Promise<BenchServers> {
    const directory = await mkdtemp(join(tmpdir(), `expunge-bench-${process.pid}-`));
    // As root: where the account that runs PostgreSQL can get at it.
    await chmod(directory, 0o711);
    const closers = [() => rm(directory, { recursive: true, force: true })];
    const settings = serverSettings();
    try {
      const redis = await startRedis(directory);
      closers.push(redis.stop);
      const postgres = await startPostgres(join(directory, 'database'), settings);
      closers.push(() => postgres.stop());
      return await BenchServers.on(postgres.url, redis.url, settings, closers);
    } catch (error) {
      await closeAll(closers);
      throw error;
    }
  }

  /**
   * On servers that run already.
   *
   * @param postgresUrl of a superuser
   * @param closers called when the bench stops, the last one first
   * @param command path of the built program that is measured
   */
  static async on(
    postgresUrl: string,
    redisUrl: string,
    settings: Readonly<Record<string, string>> = {},
    closers: (() => Promise<void>)[] = [],
    command = join(root, 'bin', 'expunge.js'),
  ): Promise<BenchServers> {
    const administrator = await connect(postgresUrl);
    closers.push(() => administrator.destroy());
    await administrator.query(`CREATE DATABASE ${template}`);
    closers.push(() => administrator.query(`DROP DATABASE ${template}`));
    const address = { databaseUrl: urlOf(postgresUrl, template), databasePoolSize: 2 };
    await migrate(address, { samplePlatform: true });
    return new BenchServers(redisUrl, redisVersion(), settings, administrator, command, postgresUrl, closers);
  }

  /** A migrated database, empty. @returns its owner's URL */
  async createDatabase(name: string): Promise<string> {
    await this.administrator.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
    return urlOf(this.url, name);
  }

  async removeDatabase(name: string): Promise<void> {
    await this.administrator.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  }

  async stop(): Promise<void> {
    await closeAll(this.closers);
  }
}

/** An initialised data source of the bench's own. */
export async function connect(url: string, connections = 4): Promise<DataSource> {
  const address = { databaseUrl: url, databasePoolSize: connections };
  return new DataSource(await dataSourceOptions(address, 'bench')).initialize();
}

async function closeAll(closers: (() => Promise<void>)[]): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

/**
 * As on a server that somebody looks after. What happens by itself at some time or other (autovacuum, checkpoints by the
 * clock) is switched off, because it would hit one contestant and spare the other; the bench does both between runs.
 */
function serverSettings(): Readonly<Record<string, string>> {
  const sharedBuffersMb = Math.min(4096, Math.floor(totalmem() / 2 ** 20 / 4));
  return {
    shared_buffers: `${sharedBuffersMb}MB`,
    max_wal_size: '8GB',
    checkpoint_timeout: '1d',
    autovacuum: 'off',
    track_io_timing: 'off',
  };
}

async function startPostgres(
  directory: string,
  settings: Readonly<Record<string, string>>,
): Promise<EmbeddedPostgres> {
  const first = await EmbeddedPostgres.startOrJoin(directory);
  const source = await connect(first.url, 1);
  for (const [name, value] of Object.entries(settings))
    await source.query(`ALTER SYSTEM SET ${name} = '${value}'`);
  await source.destroy();
  // Some of them count from the next start on.
  await first.stop();
  return EmbeddedPostgres.startOrJoin(directory);
}

function redisVersion(): string {
  const { stdout } = spawnSync('redis-server', ['--version'], { encoding: 'utf8' });
  return /v=(\S+)/.exec(stdout)?.[1] ?? 'unknown';
}
