import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../../src/database/data-source-options.js';
import { EmbeddedPostgres } from '../../../src/database/embedded/embedded-postgres.js';
import { isAlive } from '../../../src/database/embedded/process-identity.js';
import { migrate } from '../../../src/database/migrate.js';
import { TestDatabase } from '../../support/postgres.js';
import { PROXY_ADDRESS } from './postgres-proxy.js';

/** A PostgreSQL server that can be killed and stopped, with the sample platform. */
export class ChaosPostgres {
  private readonly handles: EmbeddedPostgres[] = [];

  private constructor(
    private readonly directory: string,
    first: EmbeddedPostgres,
    /** As a superuser, past every proxy. Its connections break like everybody's. */
    readonly database: TestDatabase,
  ) {
    this.handles.push(first);
  }

  static async start(directory: string): Promise<ChaosPostgres> {
    const home = join(directory, 'database');
    const server = await EmbeddedPostgres.startOrJoin(home);
    const address = { databaseUrl: server.url, databasePoolSize: 6 };
    await migrate(address, { samplePlatform: true });
    const dataSource = await new DataSource(await dataSourceOptions(address, 'chaos')).initialize();
    const database = new TestDatabase(server.url, dataSource, 'expunge');
    // What is killed here are processes, never the host.
    await database.run('ALTER SYSTEM SET fsync = off');
    const [access] = await database.run<{ file: string }>(`SELECT current_setting('hba_file') AS file`);
    await appendFile(access?.file ?? '', `host all all ${PROXY_ADDRESS}/32 scram-sha-256\n`);
    await database.run('SELECT pg_reload_conf()');
    return new ChaosPostgres(home, server, database);
  }

  get port(): number {
    return Number(new URL(this.handles.at(-1)?.url ?? '').port);
  }

  /** As SIGKILL of the postmaster leaves it: its children end by themselves, nothing is written any more. */
  async killPostmaster(): Promise<void> {
    const pid = await this.postmaster();
    process.kill(pid, 'SIGKILL');
    while (isAlive({ pid, started: '' })) await wait(20);
  }

  async signalPostmaster(signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    process.kill(await this.postmaster(), signal);
  }

  /** After `killPostmaster`; recovers what was committed. */
  async restart(): Promise<void> {
    this.handles.push(await EmbeddedPostgres.startOrJoin(this.directory));
  }

  /** One of the service's sessions, or null. */
  async someBackend(pick: <T>(choices: readonly T[]) => T): Promise<number | null> {
    const rows = await this.database.run<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE usename LIKE 'service\\_%' ORDER BY state = 'active' DESC, pid`,
    );
    return rows.length === 0 ? null : pick(rows).pid;
  }

  async stop(): Promise<void> {
    await this.database.dataSource.destroy().catch(() => undefined);
    for (const handle of this.handles) await handle.stop();
  }

  private async postmaster(): Promise<number> {
    const file = join(this.directory, 'postgres', 'data', 'postmaster.pid');
    return Number((await readFile(file, 'utf8')).split('\n')[0]);
  }
}
