import { DataSource } from 'typeorm';
import { processEnvironment } from './src/config/environment.js';
import { loadSettings } from './src/config/load-settings.js';
import { expungeMigrations, migrationOptions } from './src/database/migration-set.js';
import { openDatabase } from './src/database/open-database.js';

/**
 * For TypeORM's own command (`npm run typeorm -- migration:show`): the migrations of schema `expunge`, by the same
 * connection options as the service.
 */
const { settings } = loadSettings(processEnvironment());
const database =
  settings.migrateUrl === null
    ? await openDatabase(settings)
    : { url: settings.migrateUrl, close: () => Promise.resolve() };
const address = { databaseUrl: database.url, databasePoolSize: settings.databasePoolSize };

/** Leaves the embedded database when TypeORM's command is through. */
class CommandDataSource extends DataSource {
  override async destroy(): Promise<void> {
    await super.destroy();
    await database.close();
  }
}

export default new CommandDataSource(await migrationOptions(address, expungeMigrations));
