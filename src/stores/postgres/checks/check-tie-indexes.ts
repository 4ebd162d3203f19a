import { type EntityManager } from 'typeorm';
import { quoteName, sql } from '../../../database/sql.js';
import { type Tie } from '../../data-map/data-map.js';
import { type Finding } from '../../store.js';
import { keyTypeOf } from '../keys/key-type.js';
import { type LiveIndex } from '../live/live-schema.js';
import { foldEmail } from '../statements/fragments.js';
import { type CheckedCollection, labelOf, mistake, tableOf } from './findings.js';

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly PlanNode[];
}

/**
 * Every tie has an index that begins with it, is valid and holds all rows: in the catalogue, and by the planner's word
 * (EXPLAIN, with sequential scans and sorting switched off), which also knows of collations and operator classes that don't
 * fit. In the order of the tie, as erasing asks for it: an index that names the tie later could also be searched (by skipping,
 * from PostgreSQL 18 on) but does not have that order.
 */
export async function checkTieIndexes(
  manager: EntityManager,
  checked: CheckedCollection,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const tie of checked.collection.ties)
    if (!(await isServed(manager, checked, tie)))
      findings.push(
        mistake(
          labelOf(checked),
          `no index serves the tie ${tie.columns.join(', ')}: a valid one that begins with ${tie.columns[0] ?? ''} and holds all rows`,
          remedy(checked, tie),
        ),
      );
  return findings;
}

async function isServed(manager: EntityManager, checked: CheckedCollection, tie: Tie): Promise<boolean> {
  const { table } = checked;
  const [name = ''] = tie.columns;
  const column = table.columns.get(name);
  const type = column ? keyTypeOf(column.baseType) : null;
  // Other checks tell of these; without the privilege the planner would not even answer.
  if (!column?.maySelect || type === null || table.hiddenByPolicy) return true;
  const key = tie.kind === 'email' ? foldEmail(`r.${quoteName(name)}`) : `r.${quoteName(name)}`;
  const serving = new Set(
    table.indexes.filter((index) => serves(index, name, tie.kind === 'email')).map((index) => index.name),
  );
  const [row] = await sql<{ 'QUERY PLAN': readonly { readonly Plan: PlanNode }[] }>(
    manager,
    `EXPLAIN (FORMAT JSON) SELECT 1 FROM ${tableOf(checked)} AS r WHERE ${key} = ANY (ARRAY(SELECT NULL::${type})) ORDER BY ${key}`,
  );
  const plan = row?.['QUERY PLAN'][0]?.Plan;
  return serving.size > 0 && plan !== undefined && scansOf(plan).every((node) => uses(node, serving));
}

function serves(index: LiveIndex, column: string, asEmail: boolean): boolean {
  const [first = ''] = index.keys;
  const begins = asEmail
    ? first.startsWith('lower(') && first.includes('und-x-icu') && index.columns.includes(column)
    : first === column || first === quoteName(column);
  // Nobody is looked for by null, so an index that leaves only nulls out holds all rows that count.
  const notNull = [`(${column} IS NOT NULL)`, `(${quoteName(column)} IS NOT NULL)`];
  return begins && index.usable && (index.onlyWhere === null || notNull.includes(index.onlyWhere));
}

/** The nodes that find rows: by an index, or by reading a table from end to end. */
function scansOf(node: PlanNode): readonly PlanNode[] {
  const own = node['Node Type'].includes('Scan') && node['Node Type'] !== 'Bitmap Heap Scan' ? [node] : [];
  return [...own, ...(node.Plans ?? []).flatMap(scansOf)];
}

function uses(node: PlanNode, serving: ReadonlySet<string>): boolean {
  return node['Index Cond'] !== undefined && serving.has(node['Index Name'] ?? '');
}

function remedy(checked: CheckedCollection, tie: Tie): string {
  const { table } = checked;
  const ties = tie.columns.map((name) =>
    tie.kind === 'email' ? foldEmail(quoteName(name)) : quoteName(name),
  );
  const keys = [...ties, ...table.primaryKey.filter((name) => !tie.columns.includes(name)).map(quoteName)];
  return `CREATE INDEX ${table.kind === 'p' ? '' : 'CONCURRENTLY '}ON ${tableOf(checked)} (${keys.join(', ')})`;
}
