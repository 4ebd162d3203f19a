import { createHash } from 'node:crypto';
import { type Client } from 'pg';
import { type Statement } from '../../../src/stores/postgres/statements/statement.js';

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly Filter?: string;
  readonly 'Join Filter'?: string;
  readonly Output?: readonly string[];
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Alias?: string;
  readonly 'Actual Rows'?: number;
  readonly 'Actual Loops'?: number;
  readonly 'Shared Hit Blocks'?: number;
  readonly 'Shared Read Blocks'?: number;
  readonly Schema?: string;
  readonly Plans?: readonly PlanNode[];
}

interface Explained {
  readonly 'QUERY PLAN': readonly { readonly Plan: PlanNode }[];
}

/** By which indexes a statement reads a table, and how many rows of it. */
export interface Reading {
  readonly indexes: readonly string[];
  readonly rows: number;
}

/** `Seq Scan messages`, … : every way in which a plan reads tables of the schema. */
export async function scans(
  client: Client,
  schema: string,
  statement: Statement,
): Promise<readonly string[]> {
  const { rows } = await client.query<Explained>(`EXPLAIN (VERBOSE, FORMAT JSON) ${statement.text}`, [
    ...statement.parameters,
  ]);
  return scansOf(rows, schema);
}

/**
 * The same for the plan that PostgreSQL keeps after it has run the statement so often, and for the one that it makes knowing
 * nothing of the values. Nothing of it stays.
 */
export async function scansAfter(
  client: Client,
  schema: string,
  statement: Statement,
  executions: number,
): Promise<readonly string[]> {
  for (let run = 0; run < executions; run += 1) {
    await client.query('BEGIN');
    await client.query(named(statement));
    await client.query('ROLLBACK');
  }
  const found: string[] = [];
  for (const mode of ['auto', 'force_generic_plan']) {
    await client.query(`SET plan_cache_mode = ${mode}`);
    const { rows } = await client.query<Explained>(
      `EXPLAIN (VERBOSE, FORMAT JSON) ${executing(client, statement)}`,
    );
    found.push(...scansOf(rows, schema));
  }
  await client.query('RESET plan_cache_mode');
  return found;
}

/**
 * What is looked up in a list that the statement was given, once for each row: comparisons that a plan made knowing nothing
 * of the values makes one by one. (An index is searched by a list as it should be.)
 */
export async function listsSearched(
  client: Client,
  schema: string,
  statement: Statement,
): Promise<readonly string[]> {
  const rows = await explainedBlind(client, statement, 'VERBOSE, FORMAT JSON');
  return nodesOf(rows, schema)
    .flatMap(({ Filter = '', 'Join Filter': join = '', Output = [] }) => [Filter, join, ...Output])
    .filter((expression) => /ANY \((\$|\(InitPlan)/.test(expression));
}

/** The statement under the name that it is prepared by. */
function named({ text, parameters }: Statement): { name: string; text: string; values: unknown[] } {
  const name = `s${createHash('sha256').update(text).digest('hex').slice(0, 40)}`;
  return { name, text, values: [...parameters] };
}

/** SQL that executes it once it is prepared. */
function executing(client: Client, statement: Statement): string {
  return `EXECUTE ${named(statement).name} (${literals(client, statement)})`;
}

function literals(client: Client, { parameters }: Statement): string {
  return parameters
    .map((value) => (value === null ? 'NULL' : client.escapeLiteral(written(value))))
    .join(', ');
}

export interface Effort {
  /** Read from tables of the schema, those among them that it has no use for. */
  readonly rows: number;
  /** Read to find out which rows to erase. */
  readonly blocks: number;
}

/** What a run of the statement takes, inside the client's transaction. */
export async function effort(client: Client, schema: string, statement: Statement): Promise<Effort> {
  const { rows } = await client.query<Explained>(
    `EXPLAIN (ANALYZE, BUFFERS, VERBOSE, FORMAT JSON) ${statement.text}`,
    [...statement.parameters],
  );
  return effortOf(rows, schema);
}

/** The same by the plan that is made knowing nothing of the values. */
export async function blindEffort(client: Client, schema: string, statement: Statement): Promise<Effort> {
  const rows = await explainedBlind(client, statement, 'ANALYZE, BUFFERS, VERBOSE, FORMAT JSON');
  return effortOf(rows, schema);
}

/** The plan that is made knowing nothing of the values. */
async function explainedBlind(
  client: Client,
  statement: Statement,
  options: string,
): Promise<readonly Explained[]> {
  await client.query('SET plan_cache_mode = force_generic_plan');
  await client.query(`PREPARE blind AS ${statement.text}`);
  try {
    const { rows } = await client.query<Explained>(
      `EXPLAIN (${options}) EXECUTE blind (${literals(client, statement)})`,
    );
    return rows;
  } finally {
    await client.query('DEALLOCATE blind');
    await client.query('RESET plan_cache_mode');
  }
}

function effortOf(rows: readonly Explained[], schema: string): Effort {
  const nodes = nodesOf(rows, schema);
  return {
    rows: rowsReadBy(nodes),
    blocks: nodes
      .filter(({ Alias }) => Alias?.startsWith('r'))
      .reduce((sum, node) => sum + (node['Shared Hit Blocks'] ?? 0) + (node['Shared Read Blocks'] ?? 0), 0),
  };
}

/**
 * What a run of the statement reads of one table, inside the client's transaction: by which indexes, and how many rows, those
 * among them that it finds and has no use for.
 */
export async function reading(
  client: Client,
  schema: string,
  table: string,
  statement: Statement,
): Promise<Reading> {
  const { rows } = await client.query<Explained>(
    `EXPLAIN (ANALYZE, VERBOSE, FORMAT JSON) ${statement.text}`,
    [...statement.parameters],
  );
  return readingOf(rows, schema, table);
}

/** The same by the plan that is made knowing nothing of the values, after the statement has run so often. */
export async function readingAfter(
  client: Client,
  schema: string,
  table: string,
  statement: Statement,
  executions: number,
): Promise<Reading> {
  for (let run = 0; run < executions; run += 1) await client.query(named(statement));
  await client.query('SET plan_cache_mode = force_generic_plan');
  const { rows } = await client.query<Explained>(
    `EXPLAIN (ANALYZE, VERBOSE, FORMAT JSON) ${executing(client, statement)}`,
  );
  await client.query('RESET plan_cache_mode');
  return readingOf(rows, schema, table);
}

function readingOf(explained: readonly Explained[], schema: string, table: string): Reading {
  const nodes = nodesOf(explained, schema).filter((node) => node['Relation Name'] === table);
  return {
    indexes: nodes.map((node) => node['Index Name'] ?? node['Node Type']),
    rows: rowsReadBy(nodes),
  };
}

/**
 * Rows that the nodes read, those among them that they find and throw away. What a join throws away is among them: a node
 * below it has read it.
 */
function rowsReadBy(nodes: readonly PlanNode[]): number {
  return nodes.reduce((sum, node) => {
    const thrownAway = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
    return sum + ((node['Actual Rows'] ?? 0) + thrownAway) * (node['Actual Loops'] ?? 0);
  }, 0);
}

function scansOf(explained: readonly Explained[], schema: string): readonly string[] {
  return nodesOf(explained, schema).map((node) => `${node['Node Type']} ${node['Relation Name'] ?? ''}`);
}

/** The nodes that read tables of the schema. */
function nodesOf([row]: readonly Explained[], schema: string): readonly PlanNode[] {
  const found: PlanNode[] = [];
  const visit = (node: PlanNode): void => {
    if (node.Schema === schema && node['Node Type'].includes('Scan')) found.push(node);
    node.Plans?.forEach(visit);
  };
  const plan = row?.['QUERY PLAN'][0]?.Plan;
  if (plan) visit(plan);
  return found;
}

/** A value as text that PostgreSQL reads. */
function written(value: unknown): string {
  if (!Array.isArray(value)) return String(value);
  const items = (value as readonly (string | null)[]).map((item) =>
    item === null ? 'NULL' : JSON.stringify(item),
  );
  return `{${items.join(',')}}`;
}
