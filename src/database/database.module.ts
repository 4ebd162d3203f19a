import { setTimeout as wait } from 'node:timers/promises';
import { Global, Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Settings } from '../config/settings.js';
import { ConnectionLog } from './connection-log.js';
import { dataSourceOptions } from './data-source-options.js';
import { DatabaseConnector } from './database-connector.js';

/** How long the start waits for a database that is slow to answer before it goes on without. */
const patienceMs = 1_000;
/** Longer than any statement of the service may take, and than the pool keeps a connection that nobody uses. */
const silenceMs = 16_000;

/**
 * Gives the data source to all modules. It may not be initialised yet when they get it: statements then fail with a
 * DatabaseFault (08000) that is transient. Where the database answers at once, it is.
 */
@Global()
@Module({
  providers: [
    {
      provide: DataSource,
      inject: [Settings, ConnectionLog],
      useFactory: async ({ databaseUrl, databasePoolSize, role }: Settings, log: ConnectionLog) => {
        if (databaseUrl === null)
          throw new Error('the embedded database has to be opened first (open-database.ts)');
        return new DataSource(
          await dataSourceOptions(
            { databaseUrl, databasePoolSize },
            `expunge ${role}`,
            silenceMs,
            ({ sqlState }) => {
              log.idleConnectionLost(sqlState);
            },
          ),
        );
      },
    },
    {
      provide: DatabaseConnector,
      inject: [DataSource, ConnectionLog],
      useFactory: async (dataSource: DataSource, log: ConnectionLog) => {
        const connector = new DatabaseConnector(dataSource, log);
        await Promise.race([connector.settled, wait(patienceMs, undefined, { ref: false })]);
        return connector;
      },
    },
  ],
  exports: [DataSource],
})
export class DatabaseModule {}
