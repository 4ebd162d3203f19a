import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../src/database/data-source-options.js';
import { EmbeddedPostgres } from '../../src/database/embedded/embedded-postgres.js';
import { migrate } from '../../src/database/migrate.js';
import { TestDatabase } from './postgres.js';

/** Everything a PostgreSQL server can write about statements: their text, their values, and all of their errors. */
const everything = {
  log_min_duration_statement: '0',
  log_statement: 'all',
  log_duration: 'on',
  log_parameter_max_length: '-1',
  log_parameter_max_length_on_error: '-1',
  log_error_verbosity: 'verbose',
  log_min_messages: 'notice',
  log_min_error_statement: 'notice',
  log_lock_waits: 'on',
};

/** The test's own statements must not be found among the service's. */
const silent =
  '-c log_min_duration_statement=-1 -c log_statement=none -c log_duration=off -c log_min_messages=panic';

/** A PostgreSQL server of its own that logs everything, with the sample platform. */
export class TalkativePostgres {
  private constructor(
    private readonly server: EmbeddedPostgres,
    private readonly directory: string,
    private readonly logFile: string,
    /** Not to be dropped: `stop` takes all away. `url` is a superuser's. */
    readonly database: TestDatabase,
  ) {}

  static async start(): Promise<TalkativePostgres> {
    const directory = await mkdtemp(join(tmpdir(), `expunge-test-${process.pid}-`));
    await chmod(directory, 0o711);
    const server = await EmbeddedPostgres.startOrJoin(join(directory, 'database'));
    await migrate({ databaseUrl: server.url, databasePoolSize: 2 }, { samplePlatform: true });
    const url = new URL(server.url);
    url.searchParams.set('options', silent);
    const dataSource = await new DataSource(
      await dataSourceOptions({ databaseUrl: url.href, databasePoolSize: 4 }, 'test'),
    ).initialize();
    const database = new TestDatabase(server.url, dataSource, 'expunge');
    for (const [name, value] of Object.entries(everything))
      await database.run(`ALTER SYSTEM SET ${name} = '${value}'`);
    await database.run('SELECT pg_reload_conf()');
    const [place] = await database.run<{ path: string }>(`SELECT current_setting('data_directory') AS path`);
    return new TalkativePostgres(server, directory, join(dirname(place?.path ?? ''), 'server.log'), database);
  }

  /** All that the server has written by now. */
  async log(): Promise<string> {
    return readFile(this.logFile, 'utf8');
  }

  async stop(): Promise<void> {
    await this.database.dataSource.destroy();
    await this.server.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}
