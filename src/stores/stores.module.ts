import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { EventLog } from '../common/logging/event-log.js';
import { Settings } from '../config/settings.js';
import { openStores } from './open-stores.js';
import { StoresService } from './stores.service.js';

/** What goes: the stores of the data map. */
@Module({
  providers: [{ provide: StoresService, inject: [Settings, DataSource, EventLog], useFactory: openStores }],
  exports: [StoresService],
})
export class StoresModule {}
