import { type DynamicModule, Module } from '@nestjs/common';
import { ConfigModule } from './common/config.module.js';
import { type Settings } from './config/settings.js';
import { DatabaseModule } from './database/database.module.js';
import { IntakeModule } from './erasure/intake/intake.module.js';
import { QueueModule } from './erasure/queue/queue.module.js';
import { RunModule } from './erasure/run/run.module.js';

/** Which modules a role needs: the API accepts and reports, a worker plans and erases, `all` does both. */
@Module({})
export class AppModule {
  static forRole(settings: Settings): DynamicModule {
    const queue = { ...QueueModule.with(settings), module: QueueModule };
    const parts = {
      api: [IntakeModule.with(queue)],
      worker: [RunModule.with(queue)],
      all: [IntakeModule.with(queue), RunModule.with(queue)],
    };
    return {
      module: AppModule,
      imports: [ConfigModule.with(settings), DatabaseModule, ...parts[settings.role]],
    };
  }
}
