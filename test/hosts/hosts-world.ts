import { appendFile, chmod, mkdtemp, rm } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../src/database/data-source-options.js';
import { EmbeddedPostgres } from '../../src/database/embedded/embedded-postgres.js';
import { migrate } from '../../src/database/migrate.js';
import { BuiltCommand } from '../support/built-command.js';
import { TestDatabase } from '../support/postgres.js';
import { ownRedis } from '../support/redis-server.js';
import { ServedProcess } from '../support/served-process.js';
import { type Host, type Network } from './network.js';

/** PostgreSQL and Redis at the address of a network, and processes of the service on its hosts. */
export class HostsWorld {
  private constructor(
    readonly command: BuiltCommand,
    readonly database: TestDatabase,
    /** All that a host needs besides its role: both addresses, the master key, and the data map, which is a file. */
    readonly env: Readonly<Record<string, string>>,
    private readonly opened: readonly (() => Promise<unknown>)[],
  ) {}

  static async open(network: Network): Promise<HostsWorld> {
    const directory = await mkdtemp(join(tmpdir(), `expunge-test-${process.pid}-`));
    await chmod(directory, 0o711);
    const opened: (() => Promise<unknown>)[] = [() => rm(directory, { recursive: true, force: true })];
    try {
      const command = await BuiltCommand.build();
      opened.push(() => command.remove());
      const redis = await ownRedis(directory, network.address);
      opened.push(redis.stop);
      const postgres = await postgresOn(network, join(directory, 'database'));
      opened.push(() => postgres.stop());
      const address = { databaseUrl: postgres.url, databasePoolSize: 4 };
      await migrate(address, { samplePlatform: true });
      const dataSource = await new DataSource(await dataSourceOptions(address, 'test')).initialize();
      opened.push(() => dataSource.destroy());
      const database = new TestDatabase(postgres.url, dataSource, 'expunge');
      const url = new URL(await database.serviceUrl());
      url.hostname = network.address;
      const env = {
        DATABASE_URL: url.href,
        REDIS_URL: redis.url,
        EXPUNGE_MASTER_KEY: randomBytes(32).toString('base64'),
        // The test asks for the status more often than a client should.
        EXPUNGE_RATE_LIMIT_PER_MINUTE: '0',
        EXPUNGE_RATE_LIMIT_PER_HOUR: '0',
      };
      return new HostsWorld(command, database, env, opened);
    } catch (error) {
      await closeAll(opened);
      throw error;
    }
  }

  async serve(host: Host, settings: Readonly<Record<string, string>>): Promise<ServedProcess> {
    return ServedProcess.start(this.command, { ...this.env, HOST: host.address, ...settings }, host.within);
  }

  async close(): Promise<void> {
    await closeAll(this.opened);
  }
}

async function closeAll(opened: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const close of [...opened].reverse()) await close().catch(() => undefined);
}

/** The embedded server listens on loopback only: this one is told, once and for all, to listen on the network as well. */
async function postgresOn(network: Network, dataDir: string): Promise<EmbeddedPostgres> {
  const first = await EmbeddedPostgres.startOrJoin(dataDir);
  const address = { databaseUrl: first.url, databasePoolSize: 2 };
  const dataSource = await new DataSource(await dataSourceOptions(address, 'test')).initialize();
  await dataSource.query(`ALTER SYSTEM SET listen_addresses = '127.0.0.1,${network.address}'`);
  const [{ file } = { file: '' }] = await dataSource.query<{ file: string }[]>(
    `SELECT current_setting('hba_file') AS file`,
  );
  await dataSource.destroy();
  await appendFile(file, `\nhost all all ${network.range} scram-sha-256\n`);
  await first.stop();
  return EmbeddedPostgres.startOrJoin(dataDir);
}
