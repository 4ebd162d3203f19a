import { type EntityManager } from 'typeorm';
import { quoteName, sql } from '../../database/sql.js';
import { type DataMap } from '../data-map/data-map.js';
import { readLiveSchema } from '../postgres/live/read-live-schema.js';
import { NeededPrivileges } from './needed-privileges.js';

export interface GrantOptions {
  readonly role: string;
  /** To begin with: the service sees what it would erase and can change none of it. */
  readonly withoutDelete: boolean;
}

/** From here on there is a privilege to lock a table; before, only that of changing every row of it would do. */
const firstWithMaintain = 170_000;

/**
 * SQL that gives a role exactly what the service needs under this data map, one statement a line. What depends on the
 * live schema (primary keys, foreign keys, the server's version) is read from there.
 *
 * @throws DatabaseFault
 */
export async function grantsSql(
  manager: EntityManager,
  map: DataMap,
  { role, withoutDelete }: GrantOptions,
): Promise<string> {
  const [server] = await sql<{ version: number }>(
    manager,
    `SELECT current_setting('server_version_num')::integer AS version`,
  );
  const needed = new NeededPrivileges();
  for (const store of map.stores) needed.addStore(store, await readLiveSchema(manager, store.schema));
  const lock = (server?.version ?? 0) < firstWithMaintain ? 'UPDATE' : 'MAINTAIN';
  const to = ` TO ${quoteName(role)};`;
  return [...ownSchema, ...others, ...needed.statements(lock, withoutDelete)]
    .map((line) => line + to)
    .join('\n');
}

const ownSchema = [
  'GRANT USAGE ON SCHEMA expunge',
  'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA expunge',
  'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA expunge',
  'ALTER DEFAULT PRIVILEGES IN SCHEMA expunge GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES',
  'ALTER DEFAULT PRIVILEGES IN SCHEMA expunge GRANT USAGE, SELECT ON SEQUENCES',
];

/** Whether a standby lags, sessions wait for our locks, or a snapshot still sees erased rows. Lets no table be read. */
const others = ['GRANT pg_read_all_stats'];
