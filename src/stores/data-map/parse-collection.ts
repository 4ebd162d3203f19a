import { type CollectionMap, type Erase, type KnownTrigger, type Overwrite, type Tie } from './data-map.js';
import { type Node } from './node.js';
import { parseOverwrites } from './parse-overwrite.js';
import { parseTie } from './parse-tie.js';

const properties = [
  'ties',
  'bot',
  'account',
  'at',
  'erase',
  'keep',
  'whenShared',
  'when',
  'directory',
  'after',
  'triggers',
] as const;

/** One collection of a store; what is wrong with it is reported at its place, what is right of it is kept. */
export function parseCollection(name: string, node: Node): CollectionMap {
  const given = node.properties(properties);
  const bot = given.bot?.name() ?? null;
  const account = given.account?.name() ?? null;
  const erase = parseErase(node, given.erase);
  const whenShared = given.whenShared ? parseOverwrites(given.whenShared) : null;
  const keep = given.keep?.names() ?? null;
  const ties = parseTies(node, given.ties, bot !== null || account !== null);

  if (given.whenShared && erase.by === 'overwrite')
    given.whenShared.wrong(
      'is for rows that are deleted; these are overwritten anyway',
      'leave whenShared out, or erase: delete',
    );
  if (given.keep && erase.by === 'delete' && whenShared === null)
    given.keep.wrong('keeps columns of rows that are deleted', 'leave keep out');
  const overwrites = erase.by === 'overwrite' ? erase.overwrites : whenShared;
  if (overwrites) {
    checkTiesChange(given.whenShared ?? given.erase ?? node, ties, overwrites);
    for (const { column } of overwrites)
      if (keep?.includes(column))
        given.keep?.wrong(`keeps ${column}, which is overwritten`, 'name a column in one of the two');
  }
  return {
    name,
    ties,
    bot,
    account,
    at: given.at?.name() ?? null,
    erase,
    keep,
    whenShared,
    allBotsOnly: given.when !== undefined && isExactly(given.when, 'all-bots'),
    directory: given.directory !== undefined && isExactly(given.directory, true),
    after: given.after?.names() ?? [],
    triggers: given.triggers ? parseTriggers(given.triggers) : [],
  };
}

function parseTies(collection: Node, node: Node | undefined, hasPlace: boolean): readonly Tie[] {
  const ties: Tie[] = [];
  for (const item of node?.items() ?? []) {
    const tie = parseTie(item);
    if (!tie) continue;
    ties.push(tie);
    if (tie.kind !== 'userId' && !hasPlace)
      item.wrong(
        'ties rows by something that is not unique by itself, and the collection has neither bot nor account',
        'bot: bot_id',
      );
  }
  if (!node) collection.wrong('has no ties', 'ties: [{ userId: user_id }]');
  else if (Array.isArray(node.value) && node.value.length === 0)
    node.wrong('has no ties', 'ties: [{ userId: user_id }]');
  return ties;
}

function parseErase(collection: Node, node: Node | undefined): Erase {
  const forms = 'erase: delete, or erase: { overwrite: { column: null } }';
  if (!node) collection.wrong('does not say what erasing means', forms);
  else if (node.value === 'delete') return { by: 'delete' };
  else if (typeof node.value !== 'object' || node.value === null)
    node.wrong('must be delete or an overwrite', forms);
  else {
    const { overwrite } = node.properties(['overwrite']);
    if (overwrite) return { by: 'overwrite', overwrites: parseOverwrites(overwrite) };
    node.wrong('overwrites nothing', forms);
  }
  return { by: 'delete' };
}

/** An overwritten row must no longer be found: a tie that stays would bring it back, and would still name the person. */
function checkTiesChange(node: Node, ties: readonly Tie[], overwrites: readonly Overwrite[]): void {
  for (const column of new Set(ties.map((tie) => tie.columns[0] ?? ''))) {
    const to = overwrites.find((overwrite) => overwrite.column === column)?.to;
    if (to === undefined || to.is === 'truncated')
      node.wrong(`leaves the tie ${column} as it is`, `${column}: null, beside the other overwrites`);
  }
}

function parseTriggers(node: Node): readonly KnownTrigger[] {
  return node.entries().flatMap(([name, child]): readonly KnownTrigger[] => {
    const does = child.sentence('what the trigger does');
    return does === null ? [] : [{ name, does }];
  });
}

function isExactly(node: Node, expected: string | boolean): boolean {
  if (node.value === expected) return true;
  // `directory: false` says what leaving it out says.
  if (expected === true && node.value === false) return false;
  node.wrong('is not a value it can have', String(expected));
  return false;
}
