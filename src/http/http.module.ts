import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { Settings } from '../config/settings.js';
import { DatabasePulse } from '../database/database-pulse.js';
import { AccessLog } from './access-log.js';
import { ErrorFilter } from './answers/error.filter.js';
import { DatabasePatience } from './database-patience.js';
import { Door } from './door/door.js';
import { RateLimits } from './limits/rate-limits.js';
import { OpsModule } from './ops/ops.module.js';

/** The door. Needs the data source, the settings and the event log, which the root module gives to all. */
@Module({
  imports: [AuthModule, OpsModule],
  providers: [
    AccessLog,
    DatabasePatience,
    Door,
    ErrorFilter,
    RateLimits,
    {
      provide: DatabasePulse,
      inject: [Settings],
      useFactory: ({ databaseUrl }: Settings) => new DatabasePulse(databaseUrl ?? ''),
    },
  ],
})
export class HttpModule {}
