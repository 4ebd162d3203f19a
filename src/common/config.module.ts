import { type DynamicModule, Module } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { ConnectionLog } from '../database/connection-log.js';
import { ConnectionEvents } from './logging/connection-events.js';
import { EventLog } from './logging/event-log.js';

/** Gives the settings and the log to all modules. Stands here because `config/` knows no other room. */
@Module({})
export class ConfigModule {
  static with(settings: Settings, log = new EventLog(settings.logLevel)): DynamicModule {
    return {
      module: ConfigModule,
      global: true,
      providers: [
        { provide: Settings, useValue: settings },
        { provide: EventLog, useValue: log },
        { provide: ConnectionLog, useClass: ConnectionEvents },
      ],
      exports: [Settings, EventLog, ConnectionLog],
    };
  }
}
