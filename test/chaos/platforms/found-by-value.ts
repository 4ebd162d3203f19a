import { type CollectionWords } from './map-words.js';
import { type Row, type Table } from './table.js';
import { type Asked, type Meant, type Whose } from './whose.js';

type Rows = ReadonlyMap<string, readonly Row[]>;

/** Whether somebody whom the directory does not know has left rows in the bots that the request covers. */
export function foundByValue(person: Meant, tables: readonly Table[], rows: Rows, whose: Whose): boolean {
  return searched(tables, whose.asked).some(({ name, words }) =>
    (rows.get(name) ?? []).some((row) => whose.is(row, person, words).some((belongs) => belongs !== null)),
  );
}

/** The person with those of their pairs that rows carry split in another way. */
export function withDoubts(person: Meant, tables: readonly Table[], rows: Rows, asked: Asked): Meant {
  const own = person.claims.map(({ channelId, channelUserId }) => [channelId, channelUserId] as const);
  const doubtful = new Set<string>();
  for (const { name, words } of searched(tables, asked))
    for (const { channelId, channelUserId, onlyWhen } of words.ties)
      for (const row of rows.get(name) ?? []) {
        if (channelId === undefined || channelUserId === undefined) continue;
        if (!asked.bots.includes(row[words.bot ?? ''] ?? '')) continue;
        if (Object.entries(onlyWhen ?? {}).some(([column, value]) => row[column] !== text(value))) continue;
        const [channel, handle] = [row[channelId] ?? '', row[channelUserId] ?? ''];
        const isOwn = own.some(([a, b]) => a === channel && b === handle);
        // Nobody reads an empty channel or handle out of a joined string.
        if (!isOwn && channel !== '' && handle !== '') doubtful.add(`${channel}/${handle}`);
      }
  return { ...person, doubtful };
}

/** Collections in which values are looked for: an account there is not asked for, the bot says enough. */
function searched(
  tables: readonly Table[],
  { allBots }: Asked,
): readonly { readonly name: string; readonly words: CollectionWords }[] {
  return tables.flatMap(({ name, words }) => {
    if (!words || words.directory || words.bot === undefined || (words.when && !allBots)) return [];
    return [{ name, words: { ties: words.ties, bot: words.bot, erase: words.erase } }];
  });
}

function text(value: null | boolean | number | string): string | null {
  return value === null ? null : String(value);
}
