import { type DataSource } from 'typeorm';
import { sql } from '../../src/database/sql.js';
import { type Layout, type LayoutTable, type Population } from './layout.js';

/** Slice number of rows that are nobody's of the population. */
const others = -1;
/** Rows that a chat writes meanwhile: nobody's whom it matters for. */
const chat = -2;
/** What such a row has for the number of its person. */
export const chatPerson = 999_999_999_999;

/**
 * The planner does not know how few slices there are. As it would have it, all rows are sorted on disk; so they are added up
 * as they come, by several processes.
 */
const addingUp = ['enable_sort = off', 'parallel_setup_cost = 0', 'parallel_tuple_cost = 0'];

interface Row {
  readonly table: string;
  readonly slice: number;
  readonly rows: number;
  readonly left: number;
  /** When the youngest of these rows was written: that transaction's number. */
  readonly youngest: number;
}

/**
 * Numbers of transactions, counted from the first that there can be; below 0 for rows that are frozen. Each row carries the one
 * that wrote it, so that what changed can be told without reading what is in it.
 */
const now = `age('3'::xid)`;

/** How many rows there are and when they were written, table by table and slice by slice: two of them tell who was touched in between. */
export class Fingerprint {
  private constructor(
    private readonly rows: ReadonlyMap<string, Row>,
    private readonly tables: readonly string[],
    private readonly takenAt: number,
  ) {}

  /** Reads all tables once. */
  static async of(source: DataSource, layout: Layout, population: Population): Promise<Fingerprint> {
    const parts = layout.tables.map(
      (table) => `SELECT '${table.name}' AS "table", ${sliceOf(table, population)} AS slice,
        count(*)::integer AS rows, (count(*) FILTER (WHERE ${table.left}))::integer AS left,
        ${now} - min(age(t.xmin)) AS youngest
      FROM ${table.name} AS t GROUP BY 2`,
    );
    const rows = new Map<string, Row>();
    const takenAt = await source.transaction(async (manager) => {
      for (const setting of addingUp) await manager.query(`SET LOCAL ${setting}`);
      for (const part of parts)
        for (const row of await sql<Row>(manager, part)) rows.set(keyOf(row.table, row.slice), row);
      const [clock] = await sql<{ now: number }>(manager, `SELECT ${now} AS now`);
      return clock?.now ?? NaN;
    });
    const names = layout.tables.map(({ name }) => name);
    return new Fingerprint(rows, names, takenAt);
  }

  /**
   * What is wrong after a run that had to erase everybody of `slices` and nobody else: sentences, none when all is well.
   *
   * @param before taken before the run
   * @param finished false: the run was stopped; then only that nobody else was touched is asked for
   */
  wrongSince(before: Fingerprint, slices: ReadonlySet<number>, finished: boolean): readonly string[] {
    const wrong: string[] = [];
    for (const key of new Set([...before.rows.keys(), ...this.rows.keys()])) {
      const [was, is] = [before.rows.get(key), this.rows.get(key)];
      const known = was ?? is;
      if (known === undefined || known.slice === chat || slices.has(known.slice)) continue;
      const written = is !== undefined && is.youngest >= before.takenAt;
      if (written || was?.rows !== is?.rows)
        wrong.push(`${known.table}: rows of someone else changed (slice ${known.slice})`);
    }
    for (const table of finished ? this.tables : []) {
      const left = [...slices].reduce(
        (sum, slice) => sum + (this.rows.get(keyOf(table, slice))?.left ?? 0),
        0,
      );
      if (left > 0) wrong.push(`${table}: ${left} rows are left`);
    }
    return wrong;
  }
}

function sliceOf({ person }: LayoutTable, { persons, slices }: Population): string {
  return `(CASE WHEN ${person} BETWEEN 0 AND ${persons - 1} THEN (${person}) % ${slices}
    WHEN ${person} = ${chatPerson} THEN ${chat} ELSE ${others} END)::integer`;
}

function keyOf(table: string, slice: number): string {
  return `${table} ${slice}`;
}
