import { migrate as migrateDatabase, type MigrationReport } from '../database/migrate.js';
import { openDatabase } from '../database/open-database.js';
import { type CommandIo, exitStatus, type MigrateOptions } from './command.js';

/** Brings the schemas up to date, as the owner of EXPUNGE_MIGRATE_URL where that is set. */
export async function migrate(options: MigrateOptions, io: CommandIo): Promise<number> {
  const { production, migrateUrl, databasePoolSize } = io.settings;
  const samplePlatform = options.withSamplePlatform || !production;
  const database = migrateUrl === null ? await openDatabase(io.settings) : null;
  try {
    const databaseUrl = database?.url ?? migrateUrl ?? '';
    const report = await migrateDatabase({ databaseUrl, databasePoolSize }, { samplePlatform });
    io.out(describe(report));
    if (options.withSamplePlatform && report.platformIs === 'foreign')
      io.err('schema platform is there and was not made by expunge: left alone');
    return exitStatus.done;
  } finally {
    await database?.close();
  }
}

function describe({ expunge, platform, platformIs }: MigrationReport): string {
  const ran = [...expunge, ...platform];
  const platformLine = {
    sample: 'schema platform: the sample platform',
    foreign: 'schema platform: not ours, left alone',
    absent: 'schema platform: not there, not made',
  }[platformIs];
  return [
    ...(ran.length === 0 ? ['nothing to do'] : ran.map((name) => `migrated ${name}`)),
    platformLine,
  ].join('\n');
}
