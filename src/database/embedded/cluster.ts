import { randomUUID } from 'node:crypto';
import { appendFile, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { constants, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { type Owner, writePrivateFile } from './private-file.js';
import { isAlive, programOf } from './process-identity.js';
import { lastLine, launch, runProgram } from './run-program.js';
import { serverSettings } from './server-settings.js';

export const superuser = 'expunge';

/** The database files of a home and the server that runs on them. Every call happens under the data directory's lock. */
export class Cluster {
  private readonly data: string;
  private readonly log: string;

  constructor(
    private readonly binaries: string,
    private readonly home: string,
    private readonly account: Owner | null,
  ) {
    this.data = join(home, 'data');
    this.log = join(home, 'server.log');
  }

  async exists(): Promise<boolean> {
    return (await stat(join(this.data, 'PG_VERSION')).catch(() => null)) !== null;
  }

  /** Makes the database files: all of them or, when it is interrupted, none. */
  async initialise(password: string): Promise<void> {
    // A name of its own: the initdb of a process that was killed may still be at work on another one.
    const name = `unfinished.${randomUUID()}`;
    const passwordFile = join(this.home, 'password');
    await writePrivateFile(passwordFile, password, this.account);
    try {
      await runProgram(
        join(this.binaries, 'bin', 'initdb'),
        [
          ...['-D', name, '--username', superuser, '--pwfile', 'password'],
          ...['--auth-host=scram-sha-256', '--auth-local=reject', '--encoding=UTF8', '--locale=C'],
          '--no-instructions',
        ],
        this.place(),
      );
    } finally {
      await rm(passwordFile, { force: true });
    }
    await appendFile(join(this.home, name, 'postgresql.conf'), "\ninclude 'expunge.conf'\n", {
      // Root follows no link that the account could have put there.
      flag: constants.O_WRONLY | constants.O_APPEND | (constants.O_NOFOLLOW || 0),
    });
    await rename(join(this.home, name), this.data);
    for (const left of await readdir(this.home))
      if (left.startsWith('unfinished.'))
        await rm(join(this.home, left), { recursive: true, force: true }).catch(() => undefined);
  }

  /** The port of the server that runs on these files, ready or not; null when none does. */
  async runningPort(): Promise<number | null> {
    const [pid, , , port] = (await this.pidFile())?.split('\n') ?? [];
    if (pid === undefined || !this.isOurServer(Number(pid))) return null;
    return Number(port);
  }

  /** @throws EmbeddedPostgresError with what the server said last */
  async start(port: number): Promise<void> {
    await writePrivateFile(join(this.data, 'expunge.conf'), serverSettings(port), this.account);
    await this.disownStalePid();
    const started = await launch(
      join(this.binaries, 'bin', 'pg_ctl'),
      ['start', '--wait', '--timeout=120', '--log=server.log'],
      this.place(),
    );
    if (!started) {
      const words = lastLine(await readFile(this.log, 'utf8').catch(() => ''));
      throw new EmbeddedPostgresError(`PostgreSQL did not start (see ${this.log}): ${words}`);
    }
  }

  /** Fast shutdown: open transactions are rolled back, everything committed is on disk. */
  async stop(): Promise<void> {
    if ((await this.runningPort()) === null) return;
    await runProgram(
      join(this.binaries, 'bin', 'pg_ctl'),
      ['stop', '--wait', '--timeout=120', '--mode=fast'],
      this.place(),
    );
  }

  /** Paths are given relative to the home and by PGDATA: pg_ctl hands its arguments to a shell. */
  private place(): { account: Owner | null; cwd: string; env: Record<string, string> } {
    return { account: this.account, cwd: this.home, env: { PGDATA: this.data } };
  }

  private async pidFile(): Promise<string | null> {
    return readFile(join(this.data, 'postmaster.pid'), 'utf8').catch(() => null);
  }

  /** After a crash the number may belong to any process: the server is called postgres and works in its data directory. */
  private isOurServer(pid: number): boolean {
    if (!isAlive({ pid, started: '' })) return false;
    if ((programOf(pid) ?? 'postgres') !== 'postgres') return false;
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(this.data);
    } catch {
      return true;
    }
  }

  /**
   * PostgreSQL refuses to start while the process of a left-over postmaster.pid runs, whatever it is. A file that names an
   * ancestor of the server (pg_ctl tells it of us) counts as left over; the rest of it stays, by which PostgreSQL sees
   * whether old server processes still use the files.
   */
  private async disownStalePid(): Promise<void> {
    const [pid, ...rest] = (await this.pidFile())?.split('\n') ?? [];
    if (pid === undefined || !isAlive({ pid: Number(pid), started: '' })) return;
    const text = [process.pid, ...rest].join('\n');
    await writePrivateFile(join(this.data, 'postmaster.pid'), text, this.account);
  }
}
