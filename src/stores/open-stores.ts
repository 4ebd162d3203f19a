import { type DataSource } from 'typeorm';
import { type EventLog } from '../common/logging/event-log.js';
import { type Settings } from '../config/settings.js';
import { loadDataMap } from './data-map/load-data-map.js';
import { DataMapError } from './data-map/problems.js';
import { StoresService } from './stores.service.js';

/** The stores of the data map that the settings name. A map that can't be used is told by `refresh`, not thrown. */
export async function openStores(
  settings: Settings,
  dataSource: DataSource,
  log: EventLog,
): Promise<StoresService> {
  const map = await loadDataMap(settings.dataMapPath).catch((error: unknown) => {
    if (error instanceof DataMapError) return error;
    throw error;
  });
  return new StoresService(map, dataSource, settings, log);
}
