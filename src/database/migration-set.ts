import { DataSource, type DataSourceOptions, type EntityManager, type MigrationInterface } from 'typeorm';
import { type DatabaseAddress, dataSourceOptions } from './data-source-options.js';
import { type AnyClass, loadClasses } from './load-classes.js';
import { sql } from './sql.js';

/** Migrations that belong together: their directory, and the table of schema `expunge` that says which have run. */
export interface MigrationSet {
  readonly directory: string;
  readonly table: string;
}

/** Our own tables. */
export const expungeMigrations: MigrationSet = {
  directory: 'database/migrations/expunge',
  table: 'migrations',
};

/** The sample platform; its table lies with ours, since the platform is not ours to add tables to. */
export const platformMigrations: MigrationSet = {
  directory: 'database/migrations/platform',
  table: 'platform_migrations',
};

/** The options of a data source whose `runMigrations` and `undoLastMigration` mean this set. */
export async function migrationOptions(
  address: DatabaseAddress,
  set: MigrationSet,
): Promise<DataSourceOptions> {
  return {
    ...(await dataSourceOptions(address, 'expunge migrate')),
    schema: 'expunge',
    migrations: await migrationClasses(set),
    migrationsTableName: set.table,
  };
}

/**
 * Runs what has not run yet, each in a transaction of its own, unless it says that it needs none: an index that is built
 * while the table is written can't be built in one. One that fails leaves those before it done; the next run goes on there.
 *
 * @returns the names of what ran
 */
export async function runPending(address: DatabaseAddress, set: MigrationSet): Promise<string[]> {
  const dataSource = await new DataSource(await migrationOptions(address, set)).initialize();
  try {
    return (await dataSource.runMigrations({ transaction: 'each' })).map(({ name }) => name);
  } finally {
    await dataSource.destroy();
  }
}

/**
 * Whether everything of the set has run. Later migrations than we know do not count against it: while versions roll over,
 * the schema is ahead of the older one.
 *
 * @throws DatabaseFault
 */
export async function hasRun(manager: EntityManager, set: MigrationSet): Promise<boolean> {
  const [table] = await sql<{ found: boolean }>(manager, 'SELECT to_regclass($1) IS NOT NULL AS found', [
    `expunge.${set.table}`,
  ]);
  if (table?.found !== true) return false;
  const rows = await sql<{ name: string }>(manager, `SELECT name FROM expunge.${set.table}`);
  const done = new Set(rows.map(({ name }) => name));
  return (await migrationClasses(set)).every((migration) => done.has(migrationName(migration)));
}

async function migrationClasses(set: MigrationSet): Promise<AnyClass[]> {
  return loadClasses(set.directory, '');
}

function migrationName(migration: AnyClass): string {
  return (new migration() as MigrationInterface).name ?? migration.name;
}
