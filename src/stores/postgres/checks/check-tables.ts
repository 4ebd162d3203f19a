import { type StoreMap } from '../../data-map/data-map.js';
import { type Finding } from '../../store.js';
import { type LiveSchema, type LiveTable } from '../live/live-schema.js';
import { isTable } from '../plan/plan-collection.js';
import { drift, mistake } from './findings.js';

const kinds: Readonly<Record<LiveTable['kind'], string>> = {
  r: 'a table',
  p: 'a table',
  v: 'a view',
  m: 'a materialised view',
  f: 'a foreign table',
};

/** Every name of the map is a table, and every table of the schema has a name in the map. */
export function checkTables(store: StoreMap, live: LiveSchema): readonly Finding[] {
  const findings: Finding[] = [];
  const label = (table: string): string => `${store.name}.${table}`;
  const classified = new Set([
    ...store.collections.map(({ name }) => name),
    ...store.retained.map(({ table }) => table),
    ...store.notPersonal,
  ]);
  for (const name of classified)
    if (!live.tables.has(name))
      findings.push(
        mistake(
          label(name),
          `there is no table ${name} in schema ${store.schema}`,
          `remove ${name} from the data map`,
        ),
      );
  for (const { name } of store.collections) {
    const table = live.tables.get(name);
    if (table) findings.push(...checkCollection(label(name), table));
  }
  // A plain view holds no rows of its own.
  for (const { name, kind } of live.tables.values())
    if (!classified.has(name) && kind !== 'v')
      findings.push(
        drift(
          label(name),
          `nobody said whether ${kinds[kind]} ${name} holds personal data`,
          `${name}: under collections (with its ties), retained (with the reason) or not-personal`,
        ),
      );
  return findings;
}

function checkCollection(label: string, table: LiveTable): readonly Finding[] {
  if (!isTable(table))
    return [
      mistake(
        label,
        `is ${kinds[table.kind]}: rows that it does not show would stay`,
        'name the tables that it reads as collections instead',
      ),
    ];
  const findings: Finding[] = [];
  if (table.primaryKey.length === 0)
    findings.push(
      mistake(
        label,
        'has no primary key: rows can neither be walked nor read back',
        `ALTER TABLE ${table.name} ADD PRIMARY KEY (…)`,
      ),
    );
  if (table.inherited)
    findings.push(
      mistake(
        label,
        'has tables that inherit from it: their rows would go with its own',
        'make them partitions, or name each of them as a collection and end the inheritance',
      ),
    );
  if (table.hiddenByPolicy)
    findings.push(
      mistake(
        label,
        'a row-level policy would hide rows from the role of the service',
        'ALTER ROLE … BYPASSRLS',
      ),
    );
  return findings;
}
