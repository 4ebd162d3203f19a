import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ConfigurationError } from '../config/configuration-error.js';
import { Settings } from '../config/settings.js';
import { DatabaseFault } from '../database/database-fault.js';
import { sql } from '../database/sql.js';

/**
 * In production the service runs under a role that holds what `expunge grants` prints and no more: a superuser or an owner of
 * the platform's tables could do anything to them, row-level security included. A database that
 * can't be asked at the start is taken at its operator's word.
 */
@Injectable()
export class OwnerCheck implements OnModuleInit {
  constructor(
    private readonly dataSource: DataSource,
    private readonly settings: Settings,
  ) {}

  /** @throws ConfigurationError */
  async onModuleInit(): Promise<void> {
    if (!this.settings.production || this.settings.allowOwner) return;
    const refused = await this.mayDoAnything().catch((error: unknown) => {
      if (error instanceof DatabaseFault) return false;
      throw error;
    });
    if (refused)
      throw new ConfigurationError([
        "DATABASE_URL: in production the service must not run as a superuser or as an owner of the platform's tables; make a role with `expunge grants --role NAME`, or set EXPUNGE_ALLOW_OWNER=true",
      ]);
  }

  private async mayDoAnything(): Promise<boolean> {
    const [role] = await sql<{ anything: boolean }>(
      this.dataSource.manager,
      `SELECT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) OR EXISTS (
         SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'p') AND n.nspname <> ALL ('{pg_catalog,information_schema,pg_toast,expunge}')
           AND pg_has_role(current_user, c.relowner, 'USAGE')
       ) AS anything`,
    );
    return role?.anything !== false;
  }
}
