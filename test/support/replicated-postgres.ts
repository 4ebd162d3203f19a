import { appendFile, chmod, chown, cp, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../src/database/data-source-options.js';
import { EmbeddedPostgres } from '../../src/database/embedded/embedded-postgres.js';
import { migrate } from '../../src/database/migrate.js';
import { TestDatabase } from './postgres.js';

/**
 * A PostgreSQL server of its own with the sample platform, and a streaming standby that takes queries and tells what they
 * still see.
 */
export class ReplicatedPostgres {
  private constructor(
    private readonly directory: string,
    private readonly servers: readonly EmbeddedPostgres[],
    /** Not to be dropped: `stop` takes all away. `url` is a superuser's. */
    readonly database: TestDatabase,
    /** Connections to the standby, as a superuser. */
    readonly standby: DataSource,
  ) {}

  static async start(): Promise<ReplicatedPostgres> {
    const directory = await mkdtemp(join(tmpdir(), `expunge-test-${process.pid}-`));
    await chmod(directory, 0o711);
    const [first, second] = [join(directory, 'primary'), join(directory, 'standby')];
    const made = await EmbeddedPostgres.startOrJoin(first);
    await migrate({ databaseUrl: made.url, databasePoolSize: 2 }, { samplePlatform: true });
    await made.stop();
    await appendFile(settingsOf(first), 'max_prepared_transactions = 5\n');
    // There is no pg_basebackup: the files of a server that was stopped are as good.
    await cp(first, second, { recursive: true, preserveTimestamps: true });
    await rm(join(second, 'processes'), { recursive: true, force: true });
    const primary = await EmbeddedPostgres.startOrJoin(first);
    await makeStandby(first, second, primary.url);
    const standby = await EmbeddedPostgres.startOrJoin(second);
    return new ReplicatedPostgres(
      directory,
      [standby, primary],
      new TestDatabase(primary.url, await connect(primary.url), 'expunge'),
      await connect(standby.url),
    );
  }

  async stop(): Promise<void> {
    await this.standby.destroy();
    await this.database.dataSource.destroy();
    for (const server of this.servers) await server.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Written by ALTER SYSTEM. */
function settingsOf(directory: string): string {
  return join(directory, 'postgres', 'data', 'postgresql.auto.conf');
}

/** @param copied whose files were copied to `directory`, by root who may belong to somebody else */
async function makeStandby(copied: string, directory: string, url: string): Promise<void> {
  const { hostname, port, username, password } = new URL(url);
  const data = join(directory, 'postgres', 'data');
  await writeFile(join(data, 'standby.signal'), '');
  await appendFile(
    settingsOf(directory),
    `primary_conninfo = 'host=${hostname} port=${port} user=${username} password=${password} application_name=standby'
hot_standby_feedback = on
wal_receiver_status_interval = 1
`,
  );
  await giveTo(await stat(join(copied, 'postgres', 'data')), join(directory, 'postgres'));
}

async function giveTo(owner: { uid: number; gid: number }, path: string): Promise<void> {
  await chown(path, owner.uid, owner.gid);
  for (const name of await readdir(path, { recursive: true }))
    await chown(join(path, name), owner.uid, owner.gid);
}

async function connect(url: string): Promise<DataSource> {
  return new DataSource(
    await dataSourceOptions({ databaseUrl: url, databasePoolSize: 4 }, 'test'),
  ).initialize();
}
