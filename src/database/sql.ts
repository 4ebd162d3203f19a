import { type EntityManager } from 'typeorm';
import { toDatabaseFault } from './database-fault.js';

/**
 * Runs one statement and returns its rows (of INSERT, UPDATE and DELETE: those of RETURNING). Values go as parameters,
 * never into the text. Every statement of ours goes through here, so that only a DatabaseFault leaves the data layer.
 *
 * @throws DatabaseFault
 */
export async function sql<Row extends object>(
  manager: EntityManager,
  text: string,
  parameters: readonly unknown[] = [],
): Promise<Row[]> {
  try {
    const result = (await manager.query(text, [...parameters])) as unknown;
    return (isRowsAndCount(result) ? result[0] : result) as Row[];
  } catch (error) {
    throw toDatabaseFault(error);
  }
}

/** TypeORM answers UPDATE and DELETE with [rows, count], SELECT and INSERT with the rows alone. */
function isRowsAndCount(result: unknown): result is [unknown[], number] {
  return (
    Array.isArray(result) && result.length === 2 && Array.isArray(result[0]) && typeof result[1] === 'number'
  );
}

/** A quoted identifier, for names that come from the data map. Values never go this way. */
export function quoteName(name: string): string {
  if (name.includes('\0')) throw new Error('a name must not contain U+0000');
  return `"${name.replaceAll('"', '""')}"`;
}
