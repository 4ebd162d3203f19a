import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { EmbeddedPostgres } from '../../src/database/embedded/embedded-postgres.js';
import { isAlive, programOf } from '../../src/database/embedded/process-identity.js';
import { migrate } from '../../src/database/migrate.js';
import { startRedis } from './redis-server.js';
import { templates, urlOf } from './templates.js';

const prefix = 'expunge-test-';

declare global {
  var stopTestServices: (() => Promise<void>) | undefined;
}

/**
 * One real PostgreSQL and one real Redis for a run of Jest, in a temporary directory of its own, so that several runs do not
 * meet. Tests find them by the environment.
 */
export async function startServices(): Promise<void> {
  await sweepDeadRuns();
  const directory = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  // As root: where the account that runs PostgreSQL can get at it, so that it goes with the rest.
  await chmod(directory, 0o711);
  const opened: (() => Promise<void>)[] = [() => rm(directory, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const close of opened.splice(0).reverse()) await close();
  };
  try {
    const redis = await startRedis(directory);
    opened.push(redis.stop);
    const postgres = await EmbeddedPostgres.startOrJoin(join(directory, 'database'));
    opened.push(() => postgres.stop());
    await makeTemplates(postgres.url);
    process.env['TEST_POSTGRES_URL'] = postgres.url;
    process.env['TEST_REDIS_URL'] = redis.url;
  } catch (error) {
    await stop();
    throw error;
  }
  globalThis.stopTestServices = stop;
}

/** Migrated once; each test's database is a copy. */
async function makeTemplates(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  // Nothing here outlives the run.
  await client.query('ALTER SYSTEM SET fsync = off');
  await client.query('SELECT pg_reload_conf()');
  await client.query(`CREATE DATABASE ${templates.ours}`);
  const address = { databaseUrl: urlOf(url, templates.ours), databasePoolSize: 2 };
  await migrate(address, { samplePlatform: false });
  await client.query(`CREATE DATABASE ${templates.platform} TEMPLATE ${templates.ours}`);
  await migrate({ ...address, databaseUrl: urlOf(url, templates.platform) }, { samplePlatform: true });
  await client.end();
}

/** Runs that were killed leave servers behind. */
async function sweepDeadRuns(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || isAlive({ pid: Number(pid), started: '' })) continue;
    const directory = join(tmpdir(), name);
    await end(join(directory, 'database', 'postgres', 'data', 'postmaster.pid'), 'postgres');
    await end(join(directory, 'redis.pid'), 'redis-server');
    await end(join(directory, 'pgbouncer.pid'), 'pgbouncer');
    await rm(directory, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function end(pidFile: string, program: string): Promise<void> {
  const pid = Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0]);
  if (pid > 0 && programOf(pid) === program) process.kill(pid, 'SIGQUIT');
}
