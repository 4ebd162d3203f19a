import { access, constants, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ensureDataDirectory } from '../../config/data-directory.js';
import { Cluster } from './cluster.js';
import { type ClusterRecord, makeHome, readRecord, writeRecord } from './cluster-record.js';
import { answers, databaseUrl, ensureDatabase, freePort } from './connection.js';
import { withLock } from './directory-lock.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { type Owner } from './private-file.js';
import { ProcessRegistry } from './process-registry.js';
import { asRoot, serverAccount } from './server-account.js';
import { serverBinaries } from './server-binaries.js';

const startAttempts = 5;
const readyWithinMs = 120_000;

/**
 * The PostgreSQL of a data directory: a real server on 127.0.0.1 that belongs to whoever uses the directory. The first
 * process starts it, others join it, the last one that leaves stops it. A server that outlived its processes is joined, and
 * after a crash it recovers by itself.
 */
export class EmbeddedPostgres {
  private constructor(
    /** With user and password; of a superuser. */
    readonly url: string,
    private readonly cluster: Cluster,
    private readonly processes: ProcessRegistry,
    private readonly entry: string,
    private readonly locked: <T>(work: () => Promise<T>) => Promise<T>,
  ) {}

  /**
   * @param options.hold this process serves: only one may
   * @throws EmbeddedPostgresError a sentence for people: package missing, directory served by another process, …
   */
  static async startOrJoin(
    dataDir: string,
    options: { readonly hold?: boolean } = {},
  ): Promise<EmbeddedPostgres> {
    const directory = await ensureDataDirectory(dataDir);
    await refuseForeign(directory);
    const { uid, gid } = await stat(directory);
    const owner = asRoot ? { uid, gid } : null;
    const processes = new ProcessRegistry(join(directory, 'processes'), owner);
    const locked = <T>(work: () => Promise<T>): Promise<T> => withLock(join(directory, 'lock'), owner, work);
    return locked(async () => {
      const server = (await processes.alive()).find(({ holds }) => holds);
      if (options.hold === true && server !== undefined)
        throw new EmbeddedPostgresError(
          `process ${server.pid} already serves the embedded database of ${directory}`,
        );
      const { cluster, url } = await open(directory, owner);
      const entry = await processes.add(options.hold === true);
      return new EmbeddedPostgres(url, cluster, processes, entry, locked);
    });
  }

  /** Leaves; stops the server when no other process uses it. May be called twice. */
  async stop(): Promise<void> {
    await this.locked(async () => {
      await this.processes.remove(this.entry);
      if ((await this.processes.alive()).length === 0) await this.cluster.stop();
    });
  }
}

async function refuseForeign(directory: string): Promise<void> {
  await access(directory, constants.W_OK | constants.X_OK).catch(() => {
    throw new EmbeddedPostgresError(
      `${directory} belongs to another account: run this as that account, or set EXPUNGE_DATA_DIR to a directory of your own`,
    );
  });
}

async function open(directory: string, owner: Owner | null): Promise<{ cluster: Cluster; url: string }> {
  const binaries = await serverBinaries(directory);
  const record = await readRecord(directory);
  const account = await serverAccount(record.home);
  const cluster = new Cluster(binaries, record.home, account);
  if (!(await cluster.exists())) {
    if (record.initialised)
      throw new EmbeddedPostgresError(
        `the database files of ${directory} are no longer in ${record.home}: restore them, or move ${directory} away to begin anew`,
      );
    await writeRecord(directory, record, owner);
    await makeHome(record.home, account, directory);
    await cluster.initialise(record.password);
  }
  const port = await running(cluster, record);
  await writeRecord(directory, { ...record, port, initialised: true }, owner);
  await ensureDatabase(port, record.password);
  return { cluster, url: databaseUrl(port, record.password) };
}

/** Brings the server up, or waits for the one that is coming up or going down. @returns its port */
async function running(cluster: Cluster, record: ClusterRecord): Promise<number> {
  const deadline = Date.now() + readyWithinMs;
  let attempts = 0;
  while (Date.now() < deadline) {
    const port = await cluster.runningPort();
    if (port !== null) {
      if (await answers(port, record.password)) return port;
      await wait(50);
      continue;
    }
    try {
      await cluster.start(await freePort(record.port));
    } catch (error) {
      // A port taken in between, or processes of a killed server that are still going: both pass.
      if (++attempts === startAttempts) throw error;
      await wait(200 * attempts);
    }
  }
  throw new EmbeddedPostgresError(
    `PostgreSQL in ${record.home} runs but did not answer within ${readyWithinMs / 1000} s`,
  );
}
