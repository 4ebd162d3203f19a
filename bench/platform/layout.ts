import { createHash } from 'node:crypto';
import { type DataSource } from 'typeorm';

/** The account whose users are erased, and its bots. */
export const accountId = '5f1e0a9b7c3d2e1f00000001';
export const botIds = ['st-0', 'st-1', 'st-2', 'st-3'] as const;

/**
 * Who lives on a platform of the bench: persons 0 to `persons` − 1, dealt out to `slices` like cards (person p to slice
 * p % slices), so that the rows of a slice lie among those of all others.
 */
export interface Population {
  readonly persons: number;
  readonly slices: number;
  /** Only persons of the first so many slices stand in the directory; without it all do. */
  readonly listed?: number;
}

export interface LayoutTable {
  readonly name: string;
  /** SQL over the table's columns: the number of a row's person, of the population; other numbers for anyone else's. */
  readonly person: string;
  /** SQL over the table's columns: true while a row still says whose it is. */
  readonly left: string;
}

/** The tables of a platform, and how they are filled: the same rows every time. */
export interface Layout {
  readonly dataMapPath: string;
  /** Of personal data, without the directory's. */
  readonly rowsPerPerson: number;
  /** Every table that an eraser might touch, the directory's too. */
  readonly tables: readonly LayoutTable[];
  seed(source: DataSource, population: Population): Promise<void>;
}

/** As the seeds write it: a name that no index has in the order of creation, and from which the person can be read. */
export function userIdOf(person: number): string {
  return `u-${createHash('md5').update(String(person)).digest('hex').slice(0, 8)}-${person}`;
}

/** Numbers of a slice's persons. */
export function personsOf(slice: number, { persons, slices }: Population): readonly number[] {
  return Array.from({ length: Math.ceil((persons - slice) / slices) }, (_, index) => slice + index * slices);
}
