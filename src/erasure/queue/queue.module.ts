import { BullModule, getQueueToken } from '@nestjs/bull';
import { type DynamicModule, Module } from '@nestjs/common';
import { type Queue } from 'bull';
import { EventLog } from '../../common/logging/event-log.js';
import { type Settings } from '../../config/settings.js';
import { BullConnections } from './bull-connections.js';
import { BullWorkQueue, type WakeUp } from './bull-work-queue.js';
import { InProcessWorkQueue } from './in-process-work-queue.js';
import { WorkQueue } from './work-queue.js';

const QUEUE = 'wake-ups';

/** The queue behind its port: Bull where there is a Redis, else the one in this process. */
@Module({})
export class QueueModule {
  static with(settings: Settings): DynamicModule {
    if (settings.redisUrl === null)
      return {
        module: QueueModule,
        providers: [{ provide: WorkQueue, useClass: InProcessWorkQueue }],
        exports: [WorkQueue],
      };
    const connections = new BullConnections(settings.redisUrl);
    return {
      module: QueueModule,
      imports: [
        BullModule.registerQueue({
          name: QUEUE,
          createClient: connections.create,
          prefix: `${settings.redisPrefix}:bull`,
        }),
      ],
      providers: [
        {
          provide: WorkQueue,
          inject: [getQueueToken(QUEUE), EventLog],
          useFactory: (queue: Queue<WakeUp>, log: EventLog) =>
            new BullWorkQueue(queue, connections, settings.redisTimeoutMs, log),
        },
      ],
      exports: [WorkQueue],
    };
  }
}
