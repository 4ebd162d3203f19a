import { type CollectionMap, type RetainedTable, type StoreMap } from './data-map.js';
import { type Node } from './node.js';
import { parseCollection } from './parse-collection.js';

const properties = ['kind', 'url', 'schema', 'collections', 'retained', 'not-personal'] as const;

/** The service's own database; the map reads no other variable. */
const ownDatabase = '${DATABASE_URL}';

/** One store of the map. */
export function parseStore(name: string, node: Node): StoreMap {
  if (!/^[a-z][a-z0-9_-]{0,30}$/.test(name))
    node.wrong('is no name for a store', 'lower-case letters, digits, _ and -, beginning with a letter');
  const given = node.properties(properties);
  if (given.kind?.value !== 'postgres')
    (given.kind ?? node).wrong('must be of a known kind', 'kind: postgres');
  if (given.url?.value !== ownDatabase)
    (given.url ?? node).wrong(
      "claim, checks, deletion and counts are one transaction, so a postgres store must lie in the service's own database",
      `url: ${ownDatabase}`,
    );
  if (!given.schema) node.wrong('names no schema', 'schema: platform');
  if (!given.collections) node.wrong('has no collections', 'collections: { … }');
  const store: StoreMap = {
    name,
    kind: 'postgres',
    schema: given.schema?.name() ?? '',
    collections: given.collections?.entries().map(([table, child]) => parseCollection(table, child)) ?? [],
    retained: given.retained ? parseRetained(given.retained) : [],
    notPersonal: given['not-personal']?.names() ?? [],
  };
  if (given.collections && store.collections.length === 0)
    given.collections.wrong('has no collections', 'messages: { ties: [{ userId: user_id }], erase: delete }');
  checkClassifiedOnce(node, store);
  for (const collection of store.collections) checkAfter(node, store, collection);
  return store;
}

function parseRetained(node: Node): readonly RetainedTable[] {
  return node.entries().flatMap(([table, child]): readonly RetainedTable[] => {
    const reason = child.sentence('why it is retained');
    return reason === null ? [] : [{ table, reason }];
  });
}

function checkClassifiedOnce(node: Node, store: StoreMap): void {
  const tables = [
    ...store.collections.map(({ name }) => name),
    ...store.retained.map(({ table }) => table),
    ...store.notPersonal,
  ];
  for (const table of new Set(tables.filter((name, index) => tables.indexOf(name) !== index)))
    node.wrong(`says what ${table} is more than once`, 'collections, retained or not-personal: one of them');
}

function checkAfter(node: Node, store: StoreMap, collection: CollectionMap): void {
  for (const name of collection.after) {
    const other = store.collections.find((candidate) => candidate.name === name);
    const place = `collections.${collection.name}.after`;
    if (!other || other === collection)
      node.wrong(
        `${place} names ${name}, which is no other collection`,
        'the name of a collection of this store',
      );
    else if (other.directory && !collection.directory)
      node.wrong(`${place} names ${name}, but the directory goes last`, `remove ${name} from ${place}`);
  }
}
