import { type Directory, type KeyKindOf } from './directory.js';
import { type KeyKind } from './likenesses.js';
import { type CollectionWords, columnsOf, type TieWords } from './map-words.js';
import { drawOverwrites } from './any-overwrite.js';
import { type Picks } from './picks.js';
import { type Column, type ForeignKey, type Table } from './table.js';

const names = ['t', 'Table ', '"quoted" ', 'ünïcode_', 'select', 'Z', "it's "];
const rowTypes = [
  'bigint',
  'text',
  'uuid',
  'timestamptz',
  'varchar(40)',
  'numeric',
  'integer',
  'bytea',
  ICU(),
];
const keyTypes: Readonly<Record<KeyKind, readonly string[]>> = {
  text: ['text', 'varchar(80)', ICU()],
  uuid: ['uuid', 'uuid', 'text'],
  number: ['bigint', 'integer', 'text'],
};

/** What is in every table besides its keys. */
const others: readonly Column[] = [
  { name: 'note', type: 'text', holds: 'other' },
  { name: 'Meta data', type: 'jsonb', holds: 'other' },
  { name: 'at', type: 'timestamptz', holds: 'other' },
  { name: 'local_at', type: 'timestamp', holds: 'other' },
  { name: 'flag', type: 'boolean', holds: 'other' },
  { name: 'kind', type: 'text', holds: 'other' },
  { name: 'score', type: 'integer', holds: 'other' },
];
const conditions = [{ flag: true }, { kind: "it's" }, { score: 3 }, { note: null }, { flag: null, score: 3 }];

/**
 * One more table of a platform, with what the data map says of it.
 *
 * @param earlier tables that its rows may refer to
 */
export function drawTable(picks: Picks, { kinds }: Directory, earlier: readonly Table[]): Table {
  const name = `${picks.of(names)}${earlier.length}`;
  const retained = earlier.length > 0 && picks.chance(10);
  const ties = retained ? [] : drawTies(picks);
  const bot = picks.chance(25) ? null : drawBot(picks, kinds.bot);
  const account = (bot === null && needsPlace(ties)) || picks.chance(15) ? drawAccount(picks) : null;
  const place = [bot, account].filter((column) => column !== null);
  const tieColumns = [...new Set(ties.flatMap(columnsOf))].map((column) =>
    drawTieColumn(picks, column, kinds),
  );
  const deletes = retained || picks.chance(65);
  const whenShared = !retained && deletes && picks.chance(40);
  const directory = !retained && picks.chance(15);
  const { primaryKey, own, partition } = drawKey(picks, [...place, ...tieColumns], deletes && !whenShared);

  const parents = earlier.filter(({ words }) => !directory || words?.directory === true);
  const foreignKeys = picks.some(parents, 50).map((parent) => referTo(picks, parent));
  const columnsSoFar = [...own, ...place, ...tieColumns, ...others];
  const itself = picks.chance(15) ? [referTo(picks, { name, primaryKey, columns: columnsSoFar })] : [];
  const keys = [...foreignKeys, ...itself];
  const columns = shuffled(picks, [...columnsSoFar, ...keys.flatMap(({ columns: added }) => added)]);
  const table: Table = {
    name,
    columns: distinct(columns),
    primaryKey,
    partition,
    foreignKeys: keys.map(({ key }) => key),
    words: null,
  };
  if (retained) return table;
  const words: CollectionWords = {
    ties,
    ...(bot ? { bot: bot.name } : {}),
    ...(account ? { account: account.name } : {}),
    ...(picks.chance(50) ? { at: 'at' } : {}),
    ...(picks.chance(15) ? { when: 'all-bots' } : {}),
    ...(directory ? { directory } : {}),
    erase: 'delete',
  };
  return { ...table, words: { ...words, ...drawErasure(picks, { ...table, words }, deletes, whenShared) } };
}

function drawErasure(
  picks: Picks,
  table: Table & { readonly words: CollectionWords },
  deletes: boolean,
  whenShared: boolean,
): Pick<CollectionWords, 'erase' | 'keep' | 'whenShared'> {
  if (deletes && !whenShared) return { erase: 'delete' };
  const overwrite = drawOverwrites(picks, table, whenShared);
  const keep = table.columns.map(({ name }) => name).filter((name) => !(name in overwrite));
  if (!whenShared) return { erase: { overwrite }, keep };
  return { erase: 'delete', whenShared: overwrite, ...(picks.chance(50) ? { keep } : {}) };
}

function drawTies(picks: Picks): readonly TieWords[] {
  const first: TieWords = picks.of<TieWords>([
    { userId: 'user_id' },
    { userId: 'user_id' },
    { identity: 'Identity' },
    { channelId: 'channel', channelUserId: 'channel user' },
    { email: 'Mail' },
    { enterpriseId: 'staff_no' },
  ]);
  const further = picks.some<TieWords>(
    [
      { userId: 'user_id' },
      { userId: 'to_user' },
      { email: 'Mail' },
      { enterpriseId: 'staff_no' },
      { identity: 'Identity' },
      { channelId: 'channel', channelUserId: 'channel user' },
    ],
    20,
  );
  const [column = ''] = columnsOf(first);
  return [
    first,
    ...further
      .filter((tie) => columnsOf(tie)[0] !== column)
      .map((tie) => {
        if (picks.chance(50)) return tie;
        return { ...tie, onlyWhen: picks.chance(60) ? { [column]: null } : picks.of(conditions) };
      }),
  ];
}

/** Everything but a user id may be somebody else's elsewhere. */
function needsPlace(ties: readonly TieWords[]): boolean {
  return ties.some(({ userId }) => userId === undefined);
}

function drawTieColumn(picks: Picks, name: string, kinds: KeyKindOf): Column {
  const of = (kind: KeyKind): string => picks.of(keyTypes[kind]);
  switch (name) {
    case 'Mail':
      return { name, type: of('text'), holds: 'email' };
    case 'staff_no':
      return { name, type: of(kinds.staff), holds: 'staff' };
    case 'Identity':
      return { name, type: of('text'), holds: 'joined' };
    case 'channel':
      return { name, type: of('text'), holds: 'channel' };
    case 'channel user':
      return { name, type: of(kinds.handle), holds: 'handle' };
    default:
      return { name, type: of(kinds.user), holds: 'user' };
  }
}

function drawBot(picks: Picks, kind: KeyKind): Column {
  return { name: picks.of(['bot_id', 'Bot']), type: picks.of(keyTypes[kind]), holds: 'bot' };
}

function drawAccount(picks: Picks): Column {
  return { name: 'tenant', type: picks.of(keyTypes.text), holds: 'account' };
}

/** Columns of its own, or a tie and the bot; with the one that partitions go by. */
function drawKey(
  picks: Picks,
  known: readonly Column[],
  mayHoldTies: boolean,
): Pick<Table, 'primaryKey' | 'partition'> & { readonly own: readonly Column[] } {
  const lent = mayHoldTies && known.length > 1 && picks.chance(15) ? known.slice(0, 2) : [];
  const own: Column[] =
    lent.length > 0
      ? []
      : Array.from({ length: picks.of([1, 1, 2, 3]) }, (_, index) => ({
          name: `${picks.of(['id', 'No', 'key'])}${index}`,
          type: picks.of(rowTypes),
          holds: 'row',
        }));
  // Alike, so that one taken for the other finds a row.
  const [first, second] = own;
  if (first && second && picks.chance(60)) own[1] = { ...second, type: first.type };
  const by = picks.of([null, null, 'hash', 'list', 'range'] as const);
  if (by === 'list') own.push({ name: 'region', type: 'text', holds: 'row' });
  if (by === 'range') own.push({ name: 'day', type: 'date', holds: 'row' });
  const primaryKey = shuffled(picks, [...lent, ...own]).map(({ name }) => name);
  const column = by === 'hash' ? primaryKey[0] : { list: 'region', range: 'day' }[by ?? 'list'];
  return { own, primaryKey, partition: by && column !== undefined ? { by, column } : null };
}

/** A foreign key with its columns, in an order of its own. */
function referTo(
  picks: Picks,
  { name, primaryKey, columns }: Pick<Table, 'name' | 'primaryKey' | 'columns'>,
): { readonly key: ForeignKey; readonly columns: readonly Column[] } {
  const pairs = shuffled(picks, primaryKey).map((parent) => ({ child: `of ${name} ${parent}`, parent }));
  return {
    key: { parent: name, columns: pairs },
    columns: pairs.map(({ child, parent }) => ({
      name: child,
      type: columns.find((column) => column.name === parent)?.type ?? '',
      holds: 'parent',
    })),
  };
}

function shuffled<T>(picks: Picks, list: readonly T[]): readonly T[] {
  const left = [...list];
  return list.flatMap(() => left.splice(picks.number(left.length), 1));
}

function distinct(columns: readonly Column[]): readonly Column[] {
  return [...new Map(columns.map((column) => [column.name, column])).values()];
}

/** Of another alphabet, but what differs still differs. */
function ICU(): string {
  return 'text COLLATE "und-x-icu"';
}
