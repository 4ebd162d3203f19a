import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ReadinessCheck } from '../../common/readiness-check.js';
import { schemaIsCurrent } from '../../database/migrate.js';
import { sql } from '../../database/sql.js';

/** PostgreSQL answers and takes what we write, and its schema is one that this version knows. */
@Injectable()
export class DatabaseReadiness extends ReadinessCheck {
  override readonly name = 'database';

  constructor(private readonly dataSource: DataSource) {
    super();
  }

  override async ready(): Promise<boolean> {
    if (!this.dataSource.isInitialized) return false;
    const { manager } = this.dataSource;
    const [server] = await sql<{ standby: boolean }>(manager, 'SELECT pg_is_in_recovery() AS standby');
    return server?.standby === false && (await schemaIsCurrent(manager));
  }
}
