import { type DynamicModule, Module } from '@nestjs/common';
import { ConfigModule } from './common/config.module.js';
import { OwnerCheck } from './common/owner-check.js';
import { SchemaCheck } from './common/schema-check.js';
import { type EventLog } from './common/logging/event-log.js';
import { type Settings } from './config/settings.js';
import { DatabaseModule } from './database/database.module.js';
import { IntakeModule } from './erasure/intake/intake.module.js';
import { LifecycleModule } from './erasure/lifecycle/lifecycle.module.js';
import { QueueModule } from './erasure/queue/queue.module.js';
import { RunModule } from './erasure/run/run.module.js';
import { WatchModule } from './erasure/watch/watch.module.js';

/** Which modules a role needs: the API accepts and reports, a worker plans and erases, `all` does both. */
@Module({})
export class AppModule {
  /** @param log instead of standard error */
  static forRole(settings: Settings, log?: EventLog): DynamicModule {
    const queue = { ...QueueModule.with(settings), module: QueueModule };
    const intake = IntakeModule.with(queue);
    const api = [intake, LifecycleModule.with(queue, intake)];
    const worker = [RunModule.with(queue)];
    const parts = { api, worker, all: [...api, ...worker] };
    return {
      module: AppModule,
      imports: [ConfigModule.with(settings, log), DatabaseModule, WatchModule, ...parts[settings.role]],
      providers: [OwnerCheck, SchemaCheck],
    };
  }
}
