import { quoteName } from '../../database/sql.js';
import { type StoreMap } from '../data-map/data-map.js';
import { neededColumns } from '../postgres/checks/needed-columns.js';
import { type LiveSchema } from '../postgres/live/live-schema.js';

/** What is read of the directory: who exists and who is protected. Their names and other data are not. */
const directory: Readonly<Record<string, readonly string[]>> = {
  accounts: ['id'],
  users: ['id', 'account_id', 'email', 'enterprise_id'],
  user_identities: ['user_id', 'bot_id', 'channel_id', 'channel_user_id'],
  account_members: ['account_id', 'user_id', 'role'],
  bots: ['id', 'account_id'],
  bot_members: ['bot_id', 'user_id', 'role'],
};

/** Nobody may become protected, nor gain an identity, while they are being erased. DELETE, too, lets a role lock a table. */
const locked = ['account_members', 'bot_members', 'user_identities'];

/** Gathers, table by table, what the service's role must be able to do. */
export class NeededPrivileges {
  private readonly schemas = new Set(['platform']);
  private readonly read = new Map<string, Set<string>>();
  private readonly overwritten = new Map<string, ReadonlySet<string>>();
  private readonly deleted = new Set<string>();

  constructor() {
    for (const [table, columns] of Object.entries(directory)) this.mayRead('platform', table, columns);
  }

  /** What erasing in this store takes; tables that are not there are left out. */
  addStore(store: StoreMap, live: LiveSchema): void {
    for (const collection of store.collections) {
      const table = live.tables.get(collection.name);
      if (!table) continue;
      const { read, overwritten } = neededColumns(collection, table.primaryKey);
      const columns = [...read, ...(collection.at === null ? [] : [collection.at])];
      this.mayRead(
        live.schema,
        table.name,
        columns.filter((name) => table.columns.has(name)),
      );
      if (overwritten.size > 0) this.overwritten.set(qualified(live.schema, table.name), overwritten);
      if (collection.erase.by !== 'delete') continue;
      this.deleted.add(qualified(live.schema, table.name));
      for (const key of live.foreignKeys)
        if (key.parentOid === table.oid) this.mayRead(key.childSchema, key.childTable, key.childColumns);
    }
  }

  /** Without the role that they are granted to. @param lock the privilege that lets a role lock a table */
  statements(lock: 'MAINTAIN' | 'UPDATE', withoutDelete: boolean): readonly string[] {
    const lines = [...this.schemas].toSorted().map((schema) => `GRANT USAGE ON SCHEMA ${quoteName(schema)}`);
    for (const [table, columns] of [...this.read].toSorted(byName))
      lines.push(`GRANT SELECT (${list(columns)}) ON ${table}`);
    if (withoutDelete) return lines;
    for (const table of locked.map((name) => qualified('platform', name)))
      if (!this.deleted.has(table)) lines.push(`GRANT ${lock} ON ${table}`);
    for (const table of [...this.deleted].toSorted()) lines.push(`GRANT DELETE ON ${table}`);
    for (const [table, columns] of [...this.overwritten].toSorted(byName))
      lines.push(`GRANT UPDATE (${list(columns)}) ON ${table}`);
    return lines;
  }

  private mayRead(schema: string, table: string, columns: readonly string[]): void {
    this.schemas.add(schema);
    const name = qualified(schema, table);
    this.read.set(name, new Set([...(this.read.get(name) ?? []), ...columns]));
  }
}

function qualified(schema: string, table: string): string {
  return `${quoteName(schema)}.${quoteName(table)}`;
}

function list(columns: ReadonlySet<string>): string {
  return [...columns].toSorted().map(quoteName).join(', ');
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
