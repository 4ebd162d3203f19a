import { type DynamicModule, Module } from '@nestjs/common';
import { AuthModule } from '../../auth/auth.module.js';
import { KeysModule } from '../../common/keys/keys.module.js';
import { BotsModule } from '../../bots/bots.module.js';
import { type QueueModule } from '../queue/queue.module.js';
import { ReclaimReportService } from '../reclaim/reclaim-report.service.js';
import { ReclaimRepository } from '../reclaim/reclaim.repository.js';
import { SealModule } from '../seal/seal.module.js';
import { AcceptanceService } from './acceptance.service.js';
import { AttemptsRepository } from './attempts.repository.js';
import { CallOnce } from './call-once.service.js';
import { BulkAcceptanceService } from './bulk-acceptance.service.js';
import { BulkController } from './bulk.controller.js';
import { ErasureController } from './erasure.controller.js';
import { IdempotencyRepository } from './idempotency.repository.js';
import { IntakeRepository } from './intake.repository.js';
import { StatusRepository } from './status.repository.js';
import { StatusService } from './status.service.js';
import { UploadRepository } from './upload.repository.js';

/** Accepting and reporting. */
@Module({})
export class IntakeModule {
  /** @param queue shared with the workers of this process */
  static with(
    queue: DynamicModule & { readonly module: typeof QueueModule },
  ): DynamicModule & { readonly module: typeof IntakeModule } {
    return {
      module: IntakeModule,
      imports: [AuthModule, BotsModule, KeysModule, SealModule, queue],
      controllers: [ErasureController, BulkController],
      providers: [
        AcceptanceService,
        BulkAcceptanceService,
        AttemptsRepository,
        CallOnce,
        IdempotencyRepository,
        IntakeRepository,
        ReclaimReportService,
        ReclaimRepository,
        StatusRepository,
        StatusService,
        UploadRepository,
      ],
      exports: [StatusService],
    };
  }
}
