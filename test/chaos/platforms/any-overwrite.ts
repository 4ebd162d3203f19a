import {
  columnsOf,
  type CollectionWords,
  type OverwriteWord,
  type OverwriteWords,
  truncated,
} from './map-words.js';
import { type Picks } from './picks.js';
import { type Column, type Table } from './table.js';

/**
 * What the columns of a table become: all by which its rows are found, and some others.
 *
 * @param shared rows that hang on others of the same table go on doing so, or it would depend on the order which are needed
 */
export function drawOverwrites(
  picks: Picks,
  table: Table & { readonly words: CollectionWords },
  shared: boolean,
): OverwriteWords {
  const ties = new Set(table.words.ties.flatMap(columnsOf));
  const kept = new Set([
    ...table.primaryKey,
    ...table.foreignKeys.flatMap(({ parent, columns }) =>
      shared && parent === table.name ? columns.map(({ child }) => child) : [],
    ),
  ]);
  const changed = table.columns.filter(({ name }) => ties.has(name) || (!kept.has(name) && picks.chance(40)));
  return Object.fromEntries(changed.map((column) => [column.name, drawValue(picks, column)]));
}

function drawValue(picks: Picks, { type, holds }: Column): OverwriteWord {
  if (holds === 'parent') return null;
  switch (type) {
    case 'uuid':
      return picks.of([null, 'random']);
    case 'integer':
    case 'bigint':
      return picks.of([null, -12]);
    case 'jsonb':
      return picks.of([null, {}, { a: ["b'c", 1] }, 'x']);
    case 'boolean':
      return null;
    case 'timestamptz':
    case 'timestamp':
      return picks.of([null, truncated]);
    default:
      return picks.of([null, 'random', "it's {gone}", 5]);
  }
}
