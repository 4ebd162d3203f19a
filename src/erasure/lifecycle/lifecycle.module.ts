import { type DynamicModule, Module } from '@nestjs/common';
import { AuthModule } from '../../auth/auth.module.js';
import { KeysModule } from '../../common/keys/keys.module.js';
import { type IntakeModule } from '../intake/intake.module.js';
import { RollUpRepository } from '../roll-up/roll-up.repository.js';
import { BrakeCalls } from './brake-calls.service.js';
import { BrakeController } from './brake.controller.js';
import { BrakeService } from './brake.service.js';
import { changeProviders } from '../changes/change-providers.js';
import { CancellationService } from './cancellation.service.js';
import { LifecycleController } from './lifecycle.controller.js';
import { LifecycleService } from './lifecycle.service.js';
import { PauseRepository } from './pause.repository.js';
import { type QueueModule } from '../queue/queue.module.js';
import { RetryService } from './retry.service.js';

/** Changing the course of what was accepted. */
@Module({})
export class LifecycleModule {
  /** @param queue shared with the workers of this process; @param intake of the same process: it reports */
  static with(
    queue: DynamicModule & { readonly module: typeof QueueModule },
    intake: DynamicModule & { readonly module: typeof IntakeModule },
  ): DynamicModule {
    return {
      module: LifecycleModule,
      imports: [AuthModule, KeysModule, intake, queue],
      controllers: [BrakeController, LifecycleController],
      providers: [
        ...changeProviders,
        BrakeCalls,
        BrakeService,
        CancellationService,
        LifecycleService,
        PauseRepository,
        RetryService,
        RollUpRepository,
      ],
    };
  }
}
