import { type Claim, type Directory, type User } from './directory.js';
import { channels, disguised, holds } from './likenesses.js';
import { type Picks } from './picks.js';
import { type Column, columnOf, type Row, type Table } from './table.js';

type Owner = Pick<User, 'id' | 'email' | 'enterpriseId'>;
type Pair = Pick<Claim, 'channelId' | 'channelUserId'>;

/**
 * Rows of a table: of people of the directory, of visitors, and of nobody; some of several people at once.
 *
 * @param rowsOf those of the tables that these may refer to
 */
export function drawRows(
  rows: readonly Picks[],
  directory: Directory,
  table: Table,
  rowsOf: ReadonlyMap<string, readonly Row[]>,
): readonly Row[] {
  const drawn: Row[] = [];
  const keys = new Set<string>();
  for (const picks of rows) {
    const row = drawRow(picks, directory, table, drawn.length, (name) =>
      name === table.name ? drawn : (rowsOf.get(name) ?? []),
    );
    const key = table.primaryKey.map((name) => row[name]);
    if (key.includes(null) || keys.has(JSON.stringify(key))) continue;
    keys.add(JSON.stringify(key));
    drawn.push(row);
  }
  return drawn;
}

function drawRow(
  picks: Picks,
  directory: Directory,
  table: Table,
  number: number,
  rowsOf: (table: string) => readonly Row[],
): Row {
  const { unknown, users, claims } = directory;
  const visitor: Owner = { id: unknown.user, email: unknown.email, enterpriseId: null };
  const owner = picks.of<Owner>([...users, visitor]);
  const theirs = claims.filter(({ userId }) => userId === owner.id);
  const pair: Pair = picks.chance(80)
    ? picks.of<Pair>([...theirs, ...claims, { channelId: 'web', channelUserId: unknown.handle }])
    : { channelId: picks.of(channels), channelUserId: picks.of(directory.handles) };
  const keys = keyColumnsOf(table);
  const cells = table.columns
    .filter((column) => column.holds !== 'parent')
    .map((column) => [
      column.name,
      column.holds === 'row'
        ? keyCell(picks, column, number, keys)
        : drawCell(picks, column, directory, owner, pair),
    ]);
  return { ...(Object.fromEntries(cells) as Row), ...references(picks, table, rowsOf) };
}

function drawCell(
  picks: Picks,
  { type, holds: what, name }: Column,
  directory: Directory,
  owner: Owner,
  pair: Pair,
): string | null {
  const { users, bots, goneBot, account, otherAccount } = directory;
  const ownBots = bots.filter((bot) => bot.account === account).map(({ id }) => id);
  const chosen = ((): string | null => {
    switch (what) {
      case 'user':
        return picks.chance(70) ? owner.id : picks.of(users).id;
      case 'email':
        return respelt(picks, picks.chance(70) ? owner.email : picks.of(users).email);
      case 'staff':
        return picks.chance(70) ? owner.enterpriseId : picks.of(users).enterpriseId;
      case 'joined':
        return `${pair.channelId}/${pair.channelUserId}`;
      case 'handle':
        return pair.channelUserId;
      case 'channel':
        return pair.channelId;
      case 'bot':
        return picks.of([...ownBots, ...ownBots, ...bots.map(({ id }) => id), goneBot]);
      case 'account':
        return picks.of([account, account, account, otherAccount]);
      case 'row':
      case 'parent':
      case 'other':
        return otherCell(picks, name);
    }
  })();
  if (chosen === null || what === 'other' || picks.chance(12)) return what === 'other' ? chosen : null;
  const value = picks.chance(8) ? (picks.of([...disguised(chosen), chosen]) as string | null) : chosen;
  return value !== null && holds(type, value) ? value : null;
}

/** Whatever the letter case, an email is the same. */
function respelt(picks: Picks, email: string | null): string | null {
  return picks.of([email, email?.toUpperCase() ?? null, email?.toLowerCase() ?? null]);
}

function otherCell(picks: Picks, name: string): string | null {
  switch (name) {
    case 'at':
      return picks.of(['2026-03-04 05:06:07.123456+00', '2026-03-04 23:30:00-05', null]);
    case 'local_at':
      return picks.of(['2026-03-04 05:06:07.123456', null]);
    case 'Meta data':
      return picks.of(['{"city": "Rome"}', '[]', null]);
    case 'flag':
      return picks.of(['true', 'false', null]);
    case 'kind':
      return picks.of(["it's", 'other', null]);
    case 'score':
      return picks.of(['3', '4', null]);
    default:
      return picks.of(['said', "it's said", null]);
  }
}

/** Columns of the primary key that number the rows: together, so that each of them alone has the same value often. */
function keyColumnsOf(table: Table): readonly string[] {
  return table.primaryKey.filter(
    (name) => columnOf(table, name).holds === 'row' && !['region', 'day'].includes(name),
  );
}

function keyCell(picks: Picks, { name, type }: Column, number: number, keys: readonly string[]): string {
  if (name === 'region') return picks.of(['eu', 'us', 'else']);
  if (name === 'day') return picks.of(['2026-01-05', '2026-02-05', '2026-03-05']);
  const place = keys.indexOf(name);
  const digits = Math.floor(number / 3 ** place);
  const value = place === keys.length - 1 ? digits : digits % 3;
  switch (type) {
    case 'uuid':
      return `00000000-0000-4000-8000-${String(value).padStart(12, '0')}`;
    case 'timestamptz':
      return `2026-01-02 03:04:05.${String(value).padStart(6, '0')}+00`;
    case 'numeric':
      return `${value}.50`;
    case 'bytea':
      return `\\x${String(value).padStart(4, '0')}`;
    case 'bigint':
    case 'integer':
      return String(value);
    default:
      return `${['k', 'K', "k'", 'k"', 'é', 'k\\', 'k/'][value % 7] ?? ''}${Math.floor(value / 7)}`;
  }
}

/** Of rows that others hang on, some only in part, which is none. */
function references(picks: Picks, table: Table, rowsOf: (table: string) => readonly Row[]): Row {
  const cells: Record<string, string | null> = {};
  for (const { parent, columns } of table.foreignKeys) {
    const rows = rowsOf(parent);
    const row = rows.length > 0 && picks.chance(80) ? picks.of(rows) : null;
    for (const { child, parent: referred } of columns) cells[child] = row?.[referred] ?? null;
    const [first] = columns;
    if (first && columns.length > 1 && picks.chance(10)) cells[first.child] = null;
  }
  return cells;
}
