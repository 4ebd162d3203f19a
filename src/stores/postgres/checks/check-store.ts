import { type EntityManager } from 'typeorm';
import { sql } from '../../../database/sql.js';
import { type StoreMap } from '../../data-map/data-map.js';
import { type Finding } from '../../store.js';
import { type LiveSchema } from '../live/live-schema.js';
import { readLiveSchema } from '../live/read-live-schema.js';
import { type CollectionPlan } from '../plan/collection-plan.js';
import { deletionOrder } from '../plan/deletion-order.js';
import { isTable, planCollection } from '../plan/plan-collection.js';
import { checkColumns } from './check-columns.js';
import { checkForeignKeys } from './check-foreign-keys.js';
import { checkOverwrites } from './check-overwrites.js';
import { checkPrivileges } from './check-privileges.js';
import { checkTables } from './check-tables.js';
import { checkTieIndexes } from './check-tie-indexes.js';
import { checkTriggers } from './check-triggers.js';
import { type CheckedCollection, mistake } from './findings.js';
import { tryOverwrites } from './try-overwrites.js';

export interface CheckedStore {
  readonly findings: readonly Finding[];
  /** Collections that statements can be made for, in the order of deletion; all of them if nothing is wrong. */
  readonly collections: readonly CollectionPlan[];
}

/** Holds the map of a store against the live database: everything wrong at once. @throws DatabaseFault */
export async function checkStore(manager: EntityManager, store: StoreMap): Promise<CheckedStore> {
  await sql(manager, 'SAVEPOINT data_map_check');
  try {
    // Undone with the savepoint: the planner then says what it would do if it could not read whole tables.
    await sql(manager, 'SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off');
    const live = await readLiveSchema(manager, store.schema);
    const findings = [...checkTables(store, live)];
    for (const collection of store.collections) {
      const table = live.tables.get(collection.name);
      if (table && isTable(table))
        findings.push(...(await checkCollection(manager, { store, live, collection, table })));
    }
    return { findings: [...findings, ...checkOrder(store, live)], collections: plansOf(store, live) };
  } finally {
    await sql(manager, 'ROLLBACK TO SAVEPOINT data_map_check');
  }
}

async function checkCollection(
  manager: EntityManager,
  checked: CheckedCollection,
): Promise<readonly Finding[]> {
  const plan = planCollection(checked.store, checked.live, checked.collection);
  const overwrites = [...(plan?.overwrite ?? []), ...(plan?.whenShared ?? [])];
  return [
    ...checkColumns(checked),
    ...checkTriggers(checked),
    ...checkForeignKeys(checked),
    ...checkOverwrites(checked),
    ...checkPrivileges(checked),
    ...(await checkTieIndexes(manager, checked)),
    ...(await tryOverwrites(manager, checked, overwrites)),
  ];
}

function checkOrder(store: StoreMap, live: LiveSchema): readonly Finding[] {
  const { cycle } = deletionOrder(store.collections, live);
  if (cycle.length === 0) return [];
  return [
    mistake(
      store.name,
      `there is no order to erase ${cycle.join(', ')} in: each must go before another of them`,
      'erase one of them by overwrite, or take a foreign key or an `after` away',
    ),
  ];
}

function plansOf(store: StoreMap, live: LiveSchema): readonly CollectionPlan[] {
  return deletionOrder(store.collections, live).order.flatMap((name) => {
    const collection = store.collections.find((candidate) => candidate.name === name);
    const plan = collection && planCollection(store, live, collection);
    return plan ? [plan] : [];
  });
}
