import { type DynamicModule, Module } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { KeysModule } from '../../common/keys/keys.module.js';
import { AuthModule } from '../../auth/auth.module.js';
import { BotsModule } from '../../bots/bots.module.js';
import { ProtectionModule } from '../../protection/protection.module.js';
import { StoresModule } from '../../stores/stores.module.js';
import { UsersModule } from '../../users/users.module.js';
import { type QueueModule } from '../queue/queue.module.js';
import { SealModule } from '../seal/seal.module.js';
import { ReclaimRepository } from '../reclaim/reclaim.repository.js';
import { ReclaimWatcher } from '../reclaim/reclaim-watcher.service.js';
import { changeProviders } from '../changes/change-providers.js';
import { DataMapMetrics } from '../watch/data-map-metrics.js';
import { BatchRows } from './batch-rows.js';
import { BatchRunner } from './batch-runner.service.js';
import { ClaimsRepository } from './claims.repository.js';
import { CurrentKeys } from './current-keys.service.js';
import { EntryJudge } from './entry-judge.service.js';
import { ErasingDesk } from './erasing-desk.js';
import { ForgettingRepository } from './forgetting.repository.js';
import { Forgetting } from './forgetting.service.js';
import { GroupCheck } from './group-check.service.js';
import { GroupEraser } from './group-eraser.service.js';
import { GroupStages } from './group-stages.service.js';
import { OutcomeRepository } from './outcome.repository.js';
import { PlanRepository } from './plan.repository.js';
import { Planner } from './planner.service.js';
import { PlanningDesk } from './planning-desk.js';
import { PlanningRepositories } from './planning-repositories.js';
import { Presence } from './presence.service.js';
import { RequestHeadRepository } from './request-head.repository.js';
import { RollUpRepository } from '../roll-up/roll-up.repository.js';
import { SweepRepository } from './sweep.repository.js';
import { SweepRepositories } from './sweep-repositories.js';
import { Sweep } from './sweep.service.js';
import { ValueFinder } from './value-finder.service.js';
import { ChunkSizes } from './pace/chunk-sizes.js';
import { Neighbours } from './pace/neighbours.js';
import { NeighboursRepository } from './pace/neighbours.repository.js';
import { Pace } from './pace/pace.js';
import { ClaimableWork } from './claimable-work.js';
import { WorkFinder } from './work-finder.service.js';
import { DataMapReadiness, KeysReadiness } from './worker-readiness.js';
import { WorkerSignsRepository } from './worker-signs.repository.js';
import { Worker } from './worker.service.js';

const repositories = [
  ClaimsRepository,
  ForgettingRepository,
  OutcomeRepository,
  PlanRepository,
  PlanningRepositories,
  RequestHeadRepository,
  RollUpRepository,
  SweepRepository,
  SweepRepositories,
  WorkerSignsRepository,
];
const planning = [EntryJudge, Planner, PlanningDesk, ValueFinder];
const erasing = [BatchRows, BatchRunner, CurrentKeys, ErasingDesk, GroupCheck, GroupEraser, GroupStages];
const pace = [ChunkSizes, Clock, Neighbours, NeighboursRepository, Pace];

/** Planning and erasing: what a worker does. */
@Module({})
export class RunModule {
  /** @param queue shared with the intake of this process */
  static with(queue: DynamicModule & { readonly module: typeof QueueModule }): DynamicModule {
    return {
      module: RunModule,
      imports: [
        AuthModule,
        BotsModule,
        KeysModule,
        ProtectionModule,
        SealModule,
        StoresModule,
        UsersModule,
        queue,
      ],
      providers: [
        ...repositories,
        ...planning,
        ...erasing,
        ...pace,
        ...changeProviders,
        ReclaimRepository,
        ReclaimWatcher,
        ClaimableWork,
        DataMapMetrics,
        DataMapReadiness,
        Forgetting,
        KeysReadiness,
        Presence,
        Sweep,
        Worker,
        WorkFinder,
      ],
    };
  }
}
