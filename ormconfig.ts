import { DataSource } from 'typeorm';
import { processEnvironment } from './src/config/environment.js';
import { loadSettings } from './src/config/load-settings.js';
import { expungeMigrations, migrationOptions } from './src/database/migration-set.js';
import { openDatabase } from './src/database/open-database.js';

/**
 * For TypeORM's own command (`npm run typeorm -- migration:show`): the migrations of schema `expunge`, by the same
 * connection options as the service. An embedded database that was not running goes on until the next command has ended.
 */
const { settings } = loadSettings(processEnvironment());
const databaseUrl = settings.migrateUrl ?? (await openDatabase(settings)).url;

export default new DataSource(
  await migrationOptions({ databaseUrl, databasePoolSize: settings.databasePoolSize }, expungeMigrations),
);
