import { type ColumnValue, type Tie, type TieKind } from './data-map.js';
import { type Node } from './node.js';

const kinds = ['userId', 'email', 'enterpriseId', 'identity'] as const;
const forms =
  '{ userId: … }, { email: … }, { enterpriseId: … }, { identity: … } or { channelId: …, channelUserId: … }';

/** One tie, or null with a problem. */
export function parseTie(node: Node): Tie | null {
  const { onlyWhen, ...columns } = node.properties([...kinds, 'channelId', 'channelUserId', 'onlyWhen']);
  const conditions = onlyWhen ? parseOnlyWhen(onlyWhen) : [];
  const given = Object.keys(columns);
  const { channelId, channelUserId } = columns;
  if (channelId && channelUserId && given.length === 2)
    return tieOf('pair', [channelUserId, channelId], conditions);
  const kind = kinds.find((candidate) => columns[candidate]);
  const column = kind && columns[kind];
  if (kind && column && given.length === 1) return tieOf(kind, [column], conditions);
  node.wrong('must tie rows in exactly one way', forms);
  return null;
}

function tieOf(kind: TieKind, nodes: readonly Node[], onlyWhen: readonly ColumnValue[]): Tie | null {
  const columns = nodes.map((node) => node.name());
  return columns.every((column) => column !== null) ? { kind, columns, onlyWhen } : null;
}

function parseOnlyWhen(node: Node): readonly ColumnValue[] {
  const conditions: ColumnValue[] = [];
  for (const [column, child] of node.entries()) {
    const { value } = child;
    if (value === null || typeof value === 'string' || typeof value === 'boolean')
      conditions.push({ column, value });
    else if (typeof value === 'number' && Number.isFinite(value)) conditions.push({ column, value });
    else child.wrong('must be null, a string, a number, true or false', `${column}: null`);
  }
  if (conditions.length === 0) node.wrong('says nothing', 'onlyWhen: { user_id: null }, or leave it out');
  return conditions;
}
