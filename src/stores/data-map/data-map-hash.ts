import { createHash } from 'node:crypto';
import { type DataMap } from './data-map.js';

/**
 * SHA-256, in hex, of what the map says: the same for files that differ in comments, in the order of names or in the way
 * they are written. A batch is worked on only under the map that it was planned with.
 */
export function dataMapHash(map: DataMap): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(map)))
    .digest('hex');
}

/** Named things in the order of their names; lists whose order may matter (ties) as they are. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items: unknown[] = value.map(sorted);
    return items.every(isNamed) ? items.toSorted((a, b) => compare(nameOf(a), nameOf(b))) : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => compare(a, b))
      // What is written into a row is written as it stands.
      .map(([name, member]) => [name, name === 'value' ? member : sorted(member)]),
  );
}

type Named = Readonly<Record<'name' | 'table' | 'column', unknown>>;

function nameOf(item: Named): string {
  return String(item.name ?? item.table ?? item.column);
}

function isNamed(value: unknown): value is Named {
  return (
    typeof value === 'object' && value !== null && ('name' in value || 'table' in value || 'column' in value)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
