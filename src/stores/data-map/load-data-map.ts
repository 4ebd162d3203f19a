import { readFile } from 'node:fs/promises';
import { type DataMap } from './data-map.js';
import { parseDataMap } from './parse-data-map.js';
import { DataMapError } from './problems.js';

/**
 * The data map of a file.
 *
 * @throws DataMapError also where the file can't be read
 */
export async function loadDataMap(path: string): Promise<DataMap> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    throw new DataMapError([
      {
        place: path,
        problem: 'the file can not be read',
        remedy: 'EXPUNGE_DATA_MAP: the path of the data map',
      },
    ]);
  }
  return parseDataMap(text);
}
