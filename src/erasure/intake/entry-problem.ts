import { describeKind } from '../../common/describe-kind.js';
import { limits } from './erase-command.js';
import { textProblem } from './text-problem.js';

/** What is wrong with an entry. */
export interface EntryProblem {
  /** Where in it: nothing, or `.channelId`. */
  readonly within: string;
  /** The kind of thing that came. */
  readonly problem: string;
  readonly expected: string;
}

export const entryForms =
  'a string, or an object with userId, email, enterpriseId, or channelId and channelUserId';

/** Whom an entry may name: see the wire contract. Makes nothing of an entry that is right, which nearly all are. */
export function entryProblem(entry: unknown): EntryProblem | null {
  if (typeof entry === 'string') return idProblem(entry, '');
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
    return { within: '', problem: describeKind(entry), expected: entryForms };
  const fields = entry as Readonly<Record<string, unknown>>;
  const names = Object.keys(fields);
  if (!isForm(names, fields))
    return { within: '', problem: 'an object of another form', expected: entryForms };
  for (const name of names) {
    const problem = idProblem(fields[name], `.${name}`);
    if (problem) return problem;
  }
  return null;
}

function isForm(names: readonly string[], fields: object): boolean {
  if (names.length === 2) return 'channelId' in fields && 'channelUserId' in fields;
  return names.length === 1 && ('userId' in fields || 'email' in fields || 'enterpriseId' in fields);
}

function idProblem(value: unknown, within: string): EntryProblem | null {
  if (typeof value !== 'string')
    return {
      within,
      problem: describeKind(value),
      expected: `a string of 1 to ${limits.idLength} characters`,
    };
  const found = textProblem(value, limits.idLength);
  return found && { within, problem: found.problem ?? describeKind(value), expected: found.expected };
}
