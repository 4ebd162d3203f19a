import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ReadinessCheck } from '../../common/readiness-check.js';
import { schemaIsCurrent } from '../../database/migrate.js';

/** PostgreSQL answers, and its schema is one that this version knows. */
@Injectable()
export class DatabaseReadiness extends ReadinessCheck {
  override readonly name = 'database';

  constructor(private readonly dataSource: DataSource) {
    super();
  }

  override async ready(): Promise<boolean> {
    return this.dataSource.isInitialized && (await schemaIsCurrent(this.dataSource.manager));
  }
}
