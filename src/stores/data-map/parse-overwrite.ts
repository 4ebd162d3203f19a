import { type JsonValue, type Overwrite, type OverwriteValue } from './data-map.js';
import { type Node } from './node.js';

const forms = 'null, a JSON literal, random, or { truncate: day }';

/** What columns are overwritten with. At least one, or a problem. */
export function parseOverwrites(node: Node): readonly Overwrite[] {
  const overwrites = node.entries().flatMap(([column, child]): readonly Overwrite[] => {
    const to = parseValue(child);
    return to ? [{ column, to }] : [];
  });
  if (overwrites.length === 0) node.wrong('overwrites nothing', '{ user_id: null, … }');
  return overwrites;
}

function parseValue(node: Node): OverwriteValue | null {
  const { value } = node;
  if (value === null) return { is: 'null' };
  if (value === 'random') return { is: 'random' };
  if (typeof value === 'object' && Object.keys(value).join() === 'truncate') {
    if ((value as { truncate: unknown }).truncate === 'day') return { is: 'truncated' };
    node.wrong('can only be truncated to a day', '{ truncate: day }');
    return null;
  }
  if (isJson(value)) return { is: 'literal', value };
  node.wrong('is no value that can be written', forms);
  return null;
}

function isJson(value: unknown): value is JsonValue {
  if (typeof value === 'object') return value === null || Object.values(value).every(isJson);
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value === 'string' || typeof value === 'boolean';
}
