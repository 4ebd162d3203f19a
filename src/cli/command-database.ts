import { DataSource } from 'typeorm';
import { type Settings } from '../config/settings.js';
import { dataSourceOptions } from '../database/data-source-options.js';
import { toDatabaseFault } from '../database/database-fault.js';
import { migrate } from '../database/migrate.js';
import { openDatabase } from '../database/open-database.js';
import { type CommandDatabase } from './command.js';

/** Connections that a command opens at most. */
const poolSize = 4;

/** The database of one command: opened when it is first asked for, closed when the command is over. */
export class DatabaseOfCommand {
  private opened: Promise<CommandDatabase> | null = null;
  private readonly closers: (() => Promise<void>)[] = [];

  constructor(private readonly settings: Settings) {}

  /** @throws DatabaseFault; EmbeddedPostgresError; ConfigurationError */
  async open(): Promise<CommandDatabase> {
    return (this.opened ??= this.openNow());
  }

  async close(): Promise<void> {
    await this.opened?.catch(() => undefined);
    for (const close of this.closers.splice(0).reverse()) await close();
  }

  private async openNow(): Promise<CommandDatabase> {
    const { settings, url, close } = await openDatabase(this.settings);
    this.closers.push(close);
    const address = { databaseUrl: url, databasePoolSize: poolSize };
    // The embedded database belongs to this version: whoever comes first brings it up to date.
    if (this.settings.databaseUrl === null) await migrate(address, { samplePlatform: true });
    const dataSource = new DataSource(await dataSourceOptions(address, 'expunge command'));
    try {
      await dataSource.initialize();
    } catch (error) {
      throw toDatabaseFault(error);
    }
    this.closers.push(() => dataSource.destroy());
    return { dataSource, settings };
  }
}
