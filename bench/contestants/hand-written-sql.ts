import { type Pool, type PoolClient } from 'pg';
import { type Contestant, type Ran } from '../frame/contestant.js';
import { botIds } from '../platform/layout.js';
import { type Arena, type Slice } from '../platform/arena.js';
import { chunksOf, inChunks, openPool } from './in-chunks.js';
import { prepare, sampleStatements, type SampleStatement } from './sample-statements.js';
import { lookUp, parametersOf, type SqlPerson } from './sql-person.js';

export interface SqlOptions {
  readonly name: string;
  readonly url: string;
  readonly slices: number;
  /** People a transaction; by default the size that was fastest here. */
  readonly chunkPersons?: number;
  readonly lanes?: number;
}

/**
 * The script that somebody who knows PostgreSQL well would write: looks people up in pages, then erases them in chunks over
 * two connections, a transaction each, one statement a table for the whole chunk; counts per person and table in the
 * statement that erases; looks for what is left by other statements, reads overwritten rows back by their keys, and records
 * each person's outcome.
 */
export class HandWrittenSql implements Contestant {
  private constructor(
    private readonly options: SqlOptions,
    private readonly pool: Pool,
  ) {}

  static async open(arena: Arena, options: SqlOptions): Promise<HandWrittenSql> {
    for (const statement of [
      'CREATE SCHEMA IF NOT EXISTS bench',
      'CREATE TABLE IF NOT EXISTS bench.counts (user_id text, collection text, rows bigint)',
      'CREATE TABLE IF NOT EXISTS bench.outcomes (user_id text, status text, erased_on timestamptz)',
    ])
      await arena.source.query(statement);
    return new HandWrittenSql(options, openPool(options.url, options.name));
  }

  get name(): string {
    return this.options.name;
  }

  get slices(): number {
    return this.options.slices;
  }

  async run({ userIds, rows }: Slice): Promise<Ran> {
    const began = performance.now();
    const persons = await lookUp(this.pool, userIds);
    const chunks = chunksOf(persons, this.options.chunkPersons ?? 200);
    await inChunks(this.pool, chunks, eraseChunk, this.options.lanes);
    return { seconds: (performance.now() - began) / 1000, rows, finished: true };
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}

async function eraseChunk(client: PoolClient, persons: readonly SqlPerson[]): Promise<void> {
  const parameters = parametersOf(persons, botIds);
  const overwritten: unknown[] = [];
  for (const { collection, erase } of counting) {
    const { rows } = await client.query<{ id: unknown }>(erase(parameters));
    if (collection === 'analytics_events') overwritten.push(...rows.map(({ id }) => id));
  }
  const { rows: left } = await client.query(check([...parameters, overwritten]));
  if (left.length > 0) throw new Error('the hand-written SQL left rows behind');
  await client.query(outcomes(parameters));
}

const counting = sampleStatements.map((statement) => ({
  collection: statement.collection,
  erase: countingIn(statement),
}));
const check = checkOf(sampleStatements);
const outcomes = prepare(
  `INSERT INTO bench.outcomes SELECT unnest($1::text[]), 'SUCCESS', clock_timestamp()`,
  [1],
);

/** Erases and counts per person in one statement; returns the keys of what was overwritten. */
function countingIn({ collection, erase, owner, byIdentity, uses }: SampleStatement) {
  const updates = erase.startsWith('UPDATE');
  const who = byIdentity
    ? `SELECT k.who, '${collection}', g.rows FROM (SELECT owner, count(*) AS rows FROM gone GROUP BY 1) AS g
       JOIN unnest($2::text[], $3::text[], $4::text[]) AS k (c, u, who) ON k.c || '/' || k.u = g.owner`
    : `SELECT owner, '${collection}', count(*) FROM gone GROUP BY 1`;
  const insert = `INSERT INTO bench.counts (user_id, collection, rows) ${who}`;
  const gone = `WITH gone AS (${erase} RETURNING ${owner} AS owner${updates ? ', t.id' : ''})`;
  const text = updates ? `${gone}, counted AS (${insert}) SELECT id FROM gone` : `${gone} ${insert}`;
  return prepare(text, byIdentity ? [...new Set([...uses, 4])] : uses);
}

/** Everything that is still there, of whatever table: what several statements leave in the same way is looked for once. */
function checkOf(statements: readonly SampleStatement[]) {
  const remains = new Set(
    statements.map(({ remains: text, collection }) =>
      text.replace('SELECT FROM', `SELECT '${collection}' FROM`),
    ),
  );
  const readBack = `SELECT 'analytics_events' FROM platform.analytics_events AS t WHERE t.id = ANY ($6::bigint[])
    AND NOT (t.user_id IS NULL AND t.channel_id IS NULL AND t.channel_user_id IS NULL AND t.ip_address IS NULL
      AND t.properties = '{}' AND t.occurred_on = date_trunc('day', t.occurred_on, 'UTC'))`;
  return prepare([...remains, readBack].join(' UNION ALL '), [1, 2, 3, 5, 6]);
}
