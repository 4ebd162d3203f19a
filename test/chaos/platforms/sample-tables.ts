import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { type CollectionWords } from './map-words.js';
import { type Column, type Table } from './table.js';

/** The tables of the directory that an erasure takes rows from, with what the repository's data map says of them. */
export async function directoryTables(): Promise<readonly Table[]> {
  const { stores } = parse(await readFile('data-map.yaml', 'utf8')) as MapText;
  const { users, user_identities } = stores.platform.collections;
  const made = { partition: null, primaryKey: ['id'] };
  return [
    {
      ...made,
      name: 'users',
      columns: texts(['id', 'account_id', 'email', 'enterprise_id']),
      foreignKeys: [],
      words: users,
    },
    {
      ...made,
      name: 'user_identities',
      columns: texts(['id', 'user_id', 'bot_id', 'channel_id', 'channel_user_id']),
      foreignKeys: [{ parent: 'users', columns: [{ child: 'user_id', parent: 'id' }] }],
      words: user_identities,
    },
  ];
}

interface MapText {
  readonly stores: {
    readonly platform: {
      readonly collections: Readonly<Record<'users' | 'user_identities', CollectionWords>>;
    };
  };
}

function texts(names: readonly string[]): readonly Column[] {
  return names.map((name) => ({ name, type: 'text', holds: 'other' }));
}
