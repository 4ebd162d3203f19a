import { type EntityManager } from 'typeorm';
import { sql } from '../../../database/sql.js';
import { type StoreMap } from '../../data-map/data-map.js';
import { type ReclaimSight } from '../../reclaim-sight.js';
import { readHorizon } from './horizon.js';
import { readRelations, readRunningVacuums } from './relations.js';

/**
 * Horizon first, then what runs, then what has ended, then the time: so a vacuum that is not running here and ends later
 * than that time has begun after the horizon was read.
 *
 * @throws DatabaseFault
 */
export async function readReclaimSight(manager: EntityManager, map: StoreMap): Promise<ReclaimSight> {
  const { next, horizon, heldBy } = await readHorizon(manager);
  const running = await readRunningVacuums(manager);
  const names = map.collections.map(({ name }) => name);
  const relations = await readRelations(manager, map.schema, names, running);
  const [now] = await sql<{ on: Date }>(manager, 'SELECT clock_timestamp() AS on');
  if (!now) throw new Error('a SELECT without FROM answers with one row');
  const collections = new Map([...relations].map(([name, sights]) => [`${map.name}.${name}`, sights]));
  return { on: now.on, next, horizon, heldBy, collections };
}
