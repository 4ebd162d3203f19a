import { type Finding } from '../../store.js';
import { keyTypeOf, keyTypes } from '../keys/key-type.js';
import { type LiveColumn } from '../live/live-schema.js';
import { type CheckedCollection, drift, labelOf, mistake } from './findings.js';

/** Every column that the map names is there, those that are compared are of a kind that can be, and none is left over. */
export function checkColumns(checked: CheckedCollection): readonly Finding[] {
  const { collection, table } = checked;
  const findings: Finding[] = [];
  for (const name of namedColumns(checked))
    if (!table.columns.has(name))
      findings.push(
        mistake(
          labelOf(checked),
          `there is no column ${name}`,
          `remove ${name} from the collection, or name the right column`,
        ),
      );
  const emails = new Set(collection.ties.flatMap(({ kind, columns }) => (kind === 'email' ? columns : [])));
  for (const name of keyColumnsOf(checked)) {
    const column = table.columns.get(name);
    const problem = column && problemOfKey(column, emails.has(name));
    if (problem)
      findings.push(
        mistake(labelOf(checked), `column ${name} ${problem}`, `of these types: ${keyTypes.join(', ')}`),
      );
  }
  for (const { column: name, value } of collection.ties.flatMap(({ onlyWhen }) => onlyWhen)) {
    const type = table.columns.get(name)?.baseType;
    if (type !== undefined && value !== null && type !== 'boolean' && keyTypeOf(type) === null)
      findings.push(
        mistake(
          labelOf(checked),
          `onlyWhen compares ${name}, of type ${type}, with a value`,
          `${name}: null, or a column of these types: boolean, ${keyTypes.join(', ')}`,
        ),
      );
  }
  return [...findings, ...unclassified(checked)];
}

/** A column that an overwrite neither changes nor is said to keep may hold anything. */
function unclassified(checked: CheckedCollection): readonly Finding[] {
  const { collection, table } = checked;
  const overwrites =
    collection.erase.by === 'overwrite' ? collection.erase.overwrites : collection.whenShared;
  // Of rows that are overwritten only when shared, the map may leave out what is kept.
  if (!overwrites || (collection.erase.by === 'delete' && collection.keep === null)) return [];
  const known = new Set([...overwrites.map(({ column }) => column), ...(collection.keep ?? [])]);
  return [...table.columns.keys()]
    .filter((name) => !known.has(name))
    .map((name) =>
      drift(
        labelOf(checked),
        `nobody said what becomes of column ${name} when a row is overwritten`,
        `${name}: under overwrite, or in keep`,
      ),
    );
}

function problemOfKey({ baseType, exact }: LiveColumn, holdsEmail: boolean): string | null {
  if (keyTypeOf(baseType) === null) return `is of type ${baseType}, by which rows can not be tied`;
  if (holdsEmail && keyTypeOf(baseType) !== 'text')
    return `is of type ${baseType}, which holds no email addresses`;
  return exact ? null : 'has a collation that takes different values for equal';
}

function keyColumnsOf({ collection: { ties, bot, account } }: CheckedCollection): ReadonlySet<string> {
  return new Set([
    ...ties.flatMap(({ columns }) => columns),
    ...[bot, account].filter((name) => name !== null),
  ]);
}

function namedColumns(checked: CheckedCollection): ReadonlySet<string> {
  const { ties, at, keep, erase, whenShared } = checked.collection;
  const overwrites = [...(erase.by === 'overwrite' ? erase.overwrites : []), ...(whenShared ?? [])];
  return new Set([
    ...keyColumnsOf(checked),
    ...ties.flatMap(({ onlyWhen }) => onlyWhen.map(({ column }) => column)),
    ...(at === null ? [] : [at]),
    ...(keep ?? []),
    ...overwrites.map(({ column }) => column),
  ]);
}
