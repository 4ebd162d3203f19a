import { setTimeout as wait } from 'node:timers/promises';
import { DataSource, type EntityManager } from 'typeorm';
import { type DatabaseAddress, dataSourceOptions } from './data-source-options.js';
import { toDatabaseFault } from './database-fault.js';
import { expungeMigrations, hasRun, platformMigrations, runPending } from './migration-set.js';
import { samplePlatformMark } from './migrations/platform/1763900000001-sample-platform.js';
import { sql } from './sql.js';

export interface MigrateOptions {
  /** Makes schema `platform`, the sample, where there is none. One that is there and not ours is never touched. */
  readonly samplePlatform: boolean;
}

export interface MigrationReport {
  /** Names of the migrations that ran now. */
  readonly expunge: readonly string[];
  readonly platform: readonly string[];
  /** What schema `platform` is now: the sample, somebody's own, or not there. */
  readonly platformIs: PlatformKind;
}

type PlatformKind = 'sample' | 'foreign' | 'absent';

/** Any number that nobody else takes: "expunge" on a telephone's keys. */
const lockKey = 3978643;
const askAgainMs = 100;

/**
 * Brings schema `expunge`, and the sample platform where there shall be one, to what this version needs. Several at once
 * wait for each other.
 *
 * @param address of the owner of the schemas
 * @throws DatabaseFault; an Error of ours where a migration refuses
 */
export async function migrate(address: DatabaseAddress, options: MigrateOptions): Promise<MigrationReport> {
  // Two connections: one holds the lock's transaction open, the other works.
  const guard = new DataSource(
    await dataSourceOptions({ ...address, databasePoolSize: 2 }, 'expunge migrate'),
  );
  try {
    await guard.initialize();
    for (;;) {
      const report = await guard.transaction(async (manager) => {
        // The lock outlasts migrations that take long, whatever the server's time-outs are.
        await sql(manager, 'SET LOCAL idle_in_transaction_session_timeout = 0');
        return (await tryLock(manager)) ? migrateAlone(guard.manager, address, options) : null;
      });
      if (report !== null) return report;
      await wait(askAgainMs);
    }
  } catch (error) {
    throw toDatabaseFault(error);
  } finally {
    if (guard.isInitialized) await guard.destroy();
  }
}

/** Whether this version's tables are there. @throws DatabaseFault */
export async function schemaIsCurrent(manager: EntityManager): Promise<boolean> {
  return hasRun(manager, expungeMigrations);
}

/**
 * An index that is built meanwhile waits for all older snapshots to end. So nobody waits for the lock inside a statement, and
 * it is asked for without parameters: a statement with parameters leaves a portal behind, which keeps its snapshot until the
 * transaction ends.
 */
async function tryLock(manager: EntityManager): Promise<boolean> {
  const [lock] = await sql<{ held: boolean }>(
    manager,
    `SELECT pg_try_advisory_xact_lock(${lockKey}) AS held`,
  );
  return lock?.held === true;
}

/** @param manager outside the transaction that holds the lock: what the migrations do must not wait for its end */
async function migrateAlone(
  manager: EntityManager,
  address: DatabaseAddress,
  options: MigrateOptions,
): Promise<MigrationReport> {
  // IF NOT EXISTS would ask for the right to make schemas even where there is nothing to make.
  if (!(await schemaExists(manager, 'expunge'))) await sql(manager, 'CREATE SCHEMA expunge');
  const expunge = await runPending(address, expungeMigrations);
  const found = await platformKind(manager);
  if (found === 'foreign' || (found === 'absent' && !options.samplePlatform))
    return { expunge, platform: [], platformIs: found };
  if (found === 'absent') await forgetPlatformMigrations(manager);
  const platform = await runPending(address, platformMigrations);
  return { expunge, platform, platformIs: 'sample' };
}

async function schemaExists(manager: EntityManager, name: string): Promise<boolean> {
  return (await sql(manager, 'SELECT FROM pg_namespace WHERE nspname = $1', [name])).length > 0;
}

async function platformKind(manager: EntityManager): Promise<PlatformKind> {
  const [schema] = await sql<{ mark: string | null }>(
    manager,
    `SELECT obj_description(oid, 'pg_namespace') AS mark FROM pg_namespace WHERE nspname = 'platform'`,
  );
  if (schema === undefined) return 'absent';
  return schema.mark === samplePlatformMark ? 'sample' : 'foreign';
}

/** Somebody dropped the sample by hand: what ran then has to run again. */
async function forgetPlatformMigrations(manager: EntityManager): Promise<void> {
  const [table] = await sql<{ found: boolean }>(
    manager,
    `SELECT to_regclass('expunge.platform_migrations') IS NOT NULL AS found`,
  );
  if (table?.found === true) await sql(manager, 'DELETE FROM expunge.platform_migrations');
}
