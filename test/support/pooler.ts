import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { freePort } from '../../src/database/embedded/connection.js';
import { programOf, runs } from './program.js';
import { urlOf } from './templates.js';

/** Of the server, for each database and role: fewer than the clients, so that they have to share. */
export const SERVER_CONNECTIONS = 3;

/** A PgBouncer in transaction mode before a PostgreSQL: a client has a server's connection for one transaction only. */
export class Pooler {
  private constructor(
    /** The server's, by way of the pooler. Roles log in with their own passwords. */
    readonly url: string,
    private readonly process: ChildProcess,
    private readonly directory: string,
  ) {}

  /**
   * PGBOUNCER (the program), else `pgbouncer` from the PATH; else, as root where apt-get exists, Debian's.
   *
   * @param url of a superuser
   * @throws Error with the command to run, when there is no PgBouncer to be had: the tests never skip
   */
  static async before(url: string): Promise<Pooler> {
    const program = pgbouncer();
    const directory = await mkdtemp(join(tmpdir(), `expunge-test-${process.pid}-`));
    const port = await freePort(0);
    const configuration = join(directory, 'pgbouncer.ini');
    const { username, password, hostname, port: serverPort } = new URL(url);
    await writeFile(join(directory, 'users.txt'), `"${username}" "${password}"\n`);
    await writeFile(
      configuration,
      `[databases]
* = host=${hostname} port=${serverPort}
[pgbouncer]
pool_mode = transaction
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${directory}/users.txt
auth_user = ${username}
auth_query = SELECT usename, passwd FROM pg_shadow WHERE usename = $1
stats_users = ${username}
max_client_conn = 500
default_pool_size = ${SERVER_CONNECTIONS}
`,
    );
    // PgBouncer refuses to run as root.
    await chmod(directory, 0o755);
    const account = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
    const child = spawn(program, [...account, configuration], { stdio: ['ignore', 'ignore', 'pipe'] });
    const pooler = new Pooler(`postgres://${username}:${password}@127.0.0.1:${port}`, child, directory);
    // By this services.ts finds what a killed run left behind.
    await writeFile(join(directory, 'pgbouncer.pid'), String(child.pid));
    let said = '';
    child.stderr.on('data', (chunk) => (said += String(chunk)));
    while (!said.includes('process up'))
      await Promise.race([once(child.stderr, 'data'), once(child, 'exit')]).then(() => {
        if (child.exitCode !== null) throw new Error(`${program} did not start:\n${said}`);
      });
    return pooler;
  }

  /** Transactions that have gone through it. */
  async transactions(): Promise<number> {
    const client = new Client({ connectionString: urlOf(this.url, 'pgbouncer') });
    await client.connect();
    const { rows } = await client.query<{ total_xact_count: string }>('SHOW STATS');
    await client.end();
    return rows.reduce((sum, row) => sum + Number(row.total_xact_count), 0);
  }

  async stop(): Promise<void> {
    this.process.kill('SIGQUIT');
    if (this.process.exitCode === null) await once(this.process, 'exit');
    await rm(this.directory, { recursive: true, force: true });
  }
}

function pgbouncer(): string {
  const given = process.env['PGBOUNCER'];
  if (given === undefined || given === '')
    return programOf({
      names: ['pgbouncer'],
      debianPackage: 'pgbouncer',
      orElse: 'set PGBOUNCER to the program',
    });
  if (!runs(given)) throw new Error('PGBOUNCER does not name a program that runs');
  return given;
}
