import { codePoints } from '../../common/describe-kind.js';

export interface TextProblem {
  /** null: its length says it all. */
  readonly problem: string | null;
  readonly expected: string;
}

/**
 * What is wrong with an id, if anything. U+0000 and unpaired surrogates are refused because PostgreSQL refuses the first
 * and changes the second: the row looked for would not be the one that was asked for.
 */
export function textProblem(text: string, longest: number): TextProblem | null {
  const expected = `a string of 1 to ${longest} characters`;
  if (text.length > longest && codePoints(text) > longest) return { problem: null, expected };
  if (text.trim() === '')
    return { problem: text === '' ? null : 'only blanks', expected: `${expected}, not blank` };
  if (text.includes('\0')) return { problem: 'a string with U+0000', expected: `${expected} without U+0000` };
  if (!text.isWellFormed())
    return { problem: 'a string with an unpaired surrogate', expected: `${expected} of well-formed Unicode` };
  return null;
}
