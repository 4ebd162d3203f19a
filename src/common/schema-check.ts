import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ConfigurationError } from '../config/configuration-error.js';
import { DatabaseFault } from '../database/database-fault.js';
import { schemaIsCurrent } from '../database/migrate.js';

/** Looks at the start whether schema `expunge` is one that this version knows. A newer one is: it has been expanded. */
@Injectable()
export class SchemaCheck implements OnModuleInit {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * A database that does not answer yet is no reason not to start: readiness tells of its schema once it does.
   *
   * @throws ConfigurationError when a migration of this version is missing: nothing but `expunge migrate` runs them
   */
  async onModuleInit(): Promise<void> {
    if (!this.dataSource.isInitialized) return;
    const current = await schemaIsCurrent(this.dataSource.manager).catch((error: unknown) => {
      if (error instanceof DatabaseFault && error.transient) return true;
      throw error;
    });
    if (!current)
      throw new ConfigurationError([
        'schema expunge is older than this version, or not there: run  expunge migrate  first',
      ]);
  }
}
