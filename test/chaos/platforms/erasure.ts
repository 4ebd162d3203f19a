import { type CollectionWords, type OverwriteWords } from './map-words.js';
import { type Row, type Table } from './table.js';
import { type Meant, type Whose } from './whose.js';

/** What erasing makes of one row. */
export interface Fate {
  readonly table: Table;
  readonly row: Row;
  /** `stays`: not a byte of it changes. */
  readonly becomes: 'stays' | 'gone' | OverwriteWords;
  /** Whose it is: numbers of persons. */
  readonly of: ReadonlySet<number>;
}

/** Rows of a person that have to stay, and why. */
export type Remaining = `${number} ${string} ${'SHARED_IDENTITY' | 'SHARED_WITH_OTHERS'}`;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The whole of erasing in memory: the data map, read as it is written, on rows as they are. */
export class Erasure {
  private readonly all: readonly Mutable<Fate>[];
  private readonly phases: { readonly records: Remaining[]; readonly directory: Remaining[] } = {
    records: [],
    directory: [],
  };

  /** @param tables in an order in which rows refer to earlier ones alone */
  constructor(
    private readonly tables: readonly Table[],
    rows: ReadonlyMap<string, readonly Row[]>,
    private readonly persons: readonly Meant[],
    private readonly whose: Whose,
  ) {
    this.all = tables.flatMap((table) =>
      (rows.get(table.name) ?? []).map((row) => ({ table, row, becomes: 'stays', of: new Set<number>() })),
    );
    const everyone = persons.map((_, number) => number);
    this.run('records', everyone);
    this.run(
      'directory',
      this.succeeding.filter((number) => persons[number]?.inDirectory),
    );
  }

  get fates(): readonly Fate[] {
    return this.all;
  }

  /** Persons of whom nothing had to stay; only their directory rows go. */
  get succeeding(): readonly number[] {
    const failing = new Set(this.phases.records.map((rows) => Number(rows.split(' ')[0])));
    return this.persons.map((_, number) => number).filter((number) => !failing.has(number));
  }

  /** What is told of a person, and why. */
  outcome(number: number): string {
    const reasons = [...this.phases.records, ...this.phases.directory].flatMap((rows) =>
      rows.startsWith(`${number} `) ? [rows.slice(rows.lastIndexOf(' ') + 1)] : [],
    );
    // SHARED_IDENTITY comes before SHARED_WITH_OTHERS, in the contract as in the alphabet.
    const [reason] = reasons.toSorted();
    if (reason !== undefined) return `FAILED ${reason}`;
    return this.persons[number]?.inDirectory ? 'SUCCESS' : 'SUCCESS NOT_IN_DIRECTORY';
  }

  remaining(phase: 'records' | 'directory'): readonly Remaining[] {
    return this.phases[phase].toSorted();
  }

  private run(phase: 'records' | 'directory', persons: readonly number[]): void {
    const concerned = this.tables.filter(
      ({ words }) => words && (words.directory === true) === (phase === 'directory'),
    );
    for (const { name, words } of concerned.toReversed()) if (words) this.erase(name, words, persons);
    for (const { name, words } of concerned) if (words) this.look(phase, name, words, persons);
  }

  private erase(table: string, words: CollectionWords, persons: readonly number[]): void {
    const mine = this.rowsOf(table).flatMap((fate) => {
      const of = persons.filter((number) => this.ties(fate.row, number, words).includes('theirs'));
      return of.length > 0 ? [{ fate, of: new Set(of) }] : [];
    });
    const become = (what: Fate['becomes'], some: typeof mine): void => {
      for (const { fate, of } of some) {
        fate.becomes = what;
        fate.of = of;
      }
    };
    const staying = (): typeof mine => mine.filter(({ fate }) => fate.becomes === 'stays');
    if (words.erase !== 'delete') {
      become(words.erase.overwrite, mine);
      return;
    }
    // What hung on rows of the same table may go when those are gone.
    let free = staying();
    while (free.length > 0) {
      free = staying().filter(({ fate }) => !this.isNeeded(fate));
      become('gone', free);
    }
    if (words.whenShared) become(words.whenShared, staying());
  }

  private look(
    phase: 'records' | 'directory',
    table: string,
    words: CollectionWords,
    persons: readonly number[],
  ): void {
    const found = new Set<Remaining>();
    for (const { row } of this.rowsOf(table).filter(({ becomes }) => becomes === 'stays'))
      for (const number of persons) {
        const ties = this.ties(row, number, words);
        if (ties.includes('theirs')) found.add(`${number} ${table} SHARED_WITH_OTHERS`);
        if (ties.includes('shared') && phase === 'records') found.add(`${number} ${table} SHARED_IDENTITY`);
      }
    this.phases[phase].push(...found);
  }

  private ties(row: Row, number: number, words: CollectionWords): ReturnType<Whose['is']> {
    const person = this.persons[number];
    return person ? this.whose.is(row, person, words) : [];
  }

  private rowsOf(table: string): readonly Mutable<Fate>[] {
    return this.all.filter((fate) => fate.table.name === table);
  }

  /** Whether a row that is still there hangs on it, whosever that is. */
  private isNeeded({ table, row }: Fate): boolean {
    return this.all.some(
      (other) =>
        other.becomes !== 'gone' &&
        other.table.foreignKeys.some(
          ({ parent, columns }) =>
            parent === table.name &&
            columns.every(({ child, parent: referred }) => {
              const overwritten =
                other.becomes !== 'stays' && other.becomes !== 'gone' && child in other.becomes;
              return !overwritten && other.row[child] !== null && other.row[child] === row[referred];
            }),
        ),
    );
  }
}
