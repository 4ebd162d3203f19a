import { setImmediate } from 'node:timers/promises';
import { type DataSource, type EntityManager } from 'typeorm';
import { quoteName, sql } from '../../../database/sql.js';
import { inTransaction } from '../../../database/transaction.js';
import { SamplePlatform, type SampleOptions } from './sample-platform.js';
import { type SampleRow, type SampleTable, sampleTables } from './sample-table.js';

/** What was loaded. */
export interface LoadedSample {
  readonly platform: SamplePlatform;
  readonly rowsByTable: Readonly<Record<SampleTable, number>>;
  /** All tables together. */
  readonly rows: number;
}

type Values = SampleRow['values'];

/** Rows that are written together; twice as many are in memory. */
const pageRows = 8000;

const unlimited = {
  statementTimeoutMs: 0,
  lockTimeoutMs: 0,
  idleInTransactionTimeoutMs: 0,
  deadClientTimeoutMs: 0,
};

/** There are people already: a sample among them would be a danger to both. */
export class PlatformNotEmpty extends Error {
  constructor() {
    super('the platform has people already: the sample is loaded into an empty one only');
    this.name = 'PlatformNotEmpty';
  }
}

/**
 * Writes a sample platform into the tables of the migration `sample-platform`: all of it, in one transaction, or nothing.
 * Needs the memory of some pages of rows, however many people there are.
 *
 * @param stop aborted: nothing is written
 * @throws PlatformNotEmpty, DatabaseFault, the signal's reason
 */
export async function loadSamplePlatform(
  dataSource: DataSource,
  options: SampleOptions,
  stop?: AbortSignal,
): Promise<LoadedSample> {
  const platform = new SamplePlatform(options);
  const rowsByTable = await inTransaction(dataSource, unlimited, null, async (manager) => {
    const [found] = await sql<{ people: boolean }>(
      manager,
      'SELECT EXISTS (SELECT FROM platform.users) AS people',
    );
    if (found?.people !== false) throw new PlatformNotEmpty();
    return writeAll(manager, platform, stop);
  });
  // What plans are made from; autovacuum would come too late for a demo.
  for (const table of sampleTables) await sql(dataSource.manager, `ANALYZE platform.${quoteName(table)}`);
  return { platform, rowsByTable, rows: Object.values(rowsByTable).reduce((sum, rows) => sum + rows, 0) };
}

async function writeAll(
  manager: EntityManager,
  platform: SamplePlatform,
  stop?: AbortSignal,
): Promise<Record<SampleTable, number>> {
  const written = Object.fromEntries(sampleTables.map((table) => [table, 0])) as Record<SampleTable, number>;
  let pages = new Map<SampleTable, Values[]>();
  let waiting = 0;
  let underWay = Promise.resolve();
  for (const { table, values } of platform.rows()) {
    const page = pages.get(table);
    if (page) page.push(values);
    else pages.set(table, [values]);
    written[table]++;
    waiting++;
    // The next pages are made while the server writes the last ones: it answers only to a loop that turns.
    if (waiting % 100 === 0) await setImmediate();
    if (waiting < pageRows) continue;
    await underWay;
    stop?.throwIfAborted();
    underWay = writePages(manager, pages);
    underWay.catch(() => undefined); // is thrown by the next await, not beside it
    pages = new Map();
    waiting = 0;
  }
  await underWay;
  await writePages(manager, pages);
  return written;
}

/** Parents first: the order of `sampleTables`. */
async function writePages(
  manager: EntityManager,
  pages: ReadonlyMap<SampleTable, readonly Values[]>,
): Promise<void> {
  for (const table of sampleTables) {
    const rows = pages.get(table);
    if (rows) await writePage(manager, table, rows);
  }
}

async function writePage(manager: EntityManager, table: SampleTable, rows: readonly Values[]): Promise<void> {
  const columns = [...new Set(rows.flatMap(Object.keys))].map(quoteName).join(', ');
  await sql(
    manager,
    `INSERT INTO platform.${quoteName(table)} (${columns})
     SELECT ${columns} FROM json_populate_recordset(NULL::platform.${quoteName(table)}, $1::json)`,
    [JSON.stringify(rows)],
  );
}
