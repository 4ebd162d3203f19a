import { parseDocument } from 'yaml';
import { type DataMap } from './data-map.js';
import { Node } from './node.js';
import { parseStore } from './parse-store.js';
import { DataMapError, Problems } from './problems.js';

/**
 * Reads a data map. Nothing is guessed: a property that is not known, a name that stands there twice or a missing line
 * is a mistake, since a mistyped tie would leave rows behind.
 *
 * @throws DataMapError with everything that is wrong at once
 */
export function parseDataMap(text: string): DataMap {
  const problems = new Problems();
  const document = parseDocument(text, { version: '1.2', uniqueKeys: true });
  for (const error of document.errors) {
    const [start] = error.linePos ?? [];
    problems.add(start ? `line ${start.line}, column ${start.col}` : 'the file', error.code, 'valid YAML');
  }
  if (problems.all.length > 0) throw new DataMapError(problems.all);

  const root = new Node(document.toJS(), '', problems);
  const { version, stores } = root.properties(['version', 'stores']);
  if (version?.value !== 1) problems.add('version', 'must be a version that is known', 'version: 1');
  if (!stores) problems.add('stores', 'is missing', 'stores: { platform: { … } }');
  const map: DataMap = {
    version: 1,
    stores: stores?.entries().map(([name, node]) => parseStore(name, node)) ?? [],
  };
  if (stores && map.stores.length === 0) stores.wrong('names no store', 'platform: { … }');
  if (problems.all.length > 0) throw new DataMapError(problems.all);
  return map;
}
