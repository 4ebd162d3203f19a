import { type Fate } from './erasure.js';
import { type Table } from './table.js';

/**
 * Each row is counted once, for one of those whose it was.
 *
 * @param countOf rows that were counted for a person in a table
 * @returns what was counted otherwise
 */
export function miscounted(
  fates: readonly Fate[],
  persons: number,
  countOf: (person: number, table: Table) => number,
): readonly string[] {
  const wrong: string[] = [];
  for (const table of new Set(fates.map((fate) => fate.table))) {
    const erased = fates.filter((fate) => fate.table === table && fate.becomes !== 'stays');
    const counted = Array.from({ length: persons }, (_, person) => countOf(person, table));
    const sum = counted.reduce((all, rows) => all + rows, 0);
    if (sum !== erased.length) wrong.push(`${table.name}: ${sum} rows counted, not ${erased.length}`);
    for (const [person, rows] of counted.entries()) {
      const theirs = erased.filter(({ of }) => of.has(person));
      const alone = theirs.filter(({ of }) => of.size === 1).length;
      if (rows < alone || rows > theirs.length)
        wrong.push(`${table.name}: ${rows} rows counted for ${person}, not ${alone} to ${theirs.length}`);
    }
  }
  return wrong;
}
