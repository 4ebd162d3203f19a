import { visit } from 'jsonc-parser';

/** What is wrong with text that is no JSON: a place, the kind of mistake, what would be right. None of the text itself. */
export interface JsonMistake {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
  readonly problem: string;
  readonly expected: string;
}

type Kind = readonly [problem: string, expected: string];

const KEY: Kind = ['a key without double quotes', 'every key in double quotes'];
const SINGLE_QUOTES: Kind = ['a single quotation mark', 'double quotes around keys and strings'];
const CURLY_QUOTES: Kind = ['a typographic quotation mark', 'straight double quotes'];
const COMMENT: Kind = ['a comment', 'no comments: JSON has none'];
const WORD: Kind = [
  'a value without double quotes',
  'a string in double quotes, a number, true, false or null',
];
const COMMA: Kind = ['a missing comma', 'a comma between two entries'];
const TRAILING: Kind = ['a comma with nothing after it', 'no comma after the last entry'];
const COLON: Kind = ['a missing colon', 'a colon between a key and its value'];
const VALUE: Kind = ['a missing value', 'a value'];
const END: Kind = ['the end of the body', 'more of it: something opened is never closed'];
const WRONG_BRACKET: Kind = ['the wrong closing bracket', 'the one that closes what was opened last'];
const AFTER: Kind = ['something after the end of the value', 'one value and nothing after it'];
const STRING: Kind = ['a string that does not end', 'a closing double quote on the same line'];
const CONTROL: Kind = ['a control character in a string', 'an escape such as \\n'];
const ESCAPE: Kind = ['an unknown escape in a string', 'one of \\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX'];
const NUMBER: Kind = ['a number that JSON does not know', 'digits, with a fraction or exponent at most'];
const FORBIDDEN: Kind = ['a key that is not allowed', 'no __proto__, and no prototype in a constructor'];

const INVALID_SYMBOL = 1;

/** By jsonc-parser's ParseErrorCode, whose names exist at compile time only. */
const kindOfCode: Readonly<Record<number, Kind>> = {
  2: NUMBER, // InvalidNumberFormat
  3: KEY, // PropertyNameExpected
  4: VALUE, // ValueExpected
  5: COLON, // ColonExpected
  6: COMMA, // CommaExpected
  7: END, // CloseBraceExpected
  8: END, // CloseBracketExpected
  9: AFTER, // EndOfFileExpected
  10: COMMENT, // InvalidCommentToken
  11: COMMENT, // UnexpectedEndOfComment
  12: STRING, // UnexpectedEndOfString
  13: NUMBER, // UnexpectedEndOfNumber
  14: ESCAPE, // InvalidUnicode
  15: ESCAPE, // InvalidEscapeCharacter
  16: CONTROL, // InvalidCharacter
};

/** What was read last: an opening bracket, a comma, a colon, a key, or a whole value. */
type Last = '{' | '[' | ',' | ':' | 'key' | 'value';

class FirstMistake extends Error {
  constructor(readonly mistake: JsonMistake) {
    super('first mistake');
  }
}

/** The first mistake of text that JSON.parse refused. `text` must not nest deep: the search recurses. */
export function jsonMistake(text: string): JsonMistake {
  const open: ('{' | '[')[] = [];
  let last: Last = ':';
  const begin = (bracket: '{' | '['): void => {
    open.push(bracket);
    last = bracket;
  };
  const end = (): void => {
    open.pop();
    last = 'value';
  };
  const stopAt = (line: number, column: number, [problem, expected]: Kind): never => {
    throw new FirstMistake({ line: line + 1, column: column + 1, problem, expected });
  };
  try {
    visit(
      text,
      {
        onObjectBegin: () => {
          begin('{');
        },
        onArrayBegin: () => {
          begin('[');
        },
        onObjectEnd: end,
        onArrayEnd: end,
        onLiteralValue: () => {
          last = 'value';
        },
        onSeparator: (character) => {
          last = character === ',' ? ',' : ':';
        },
        onObjectProperty: (name, _offset, _length, line, column, path) => {
          last = 'key';
          if (name === '__proto__' || (name === 'prototype' && path().at(-1) === 'constructor'))
            stopAt(line, column, FORBIDDEN);
        },
        onError: (code, offset, _length, line, column) =>
          stopAt(line, column, kindOf(code, text.slice(offset), last, open.at(-1))),
      },
      { disallowComments: true },
    );
  } catch (error) {
    if (error instanceof FirstMistake) return error.mistake;
    throw error;
  }
  return { line: 1, column: 1, problem: 'something that is no JSON', expected: 'JSON (RFC 8259)' };
}

function kindOf(code: number, rest: string, last: Last, within: '{' | '[' | undefined): Kind {
  const next = rest.charAt(0);
  if (rest.trim() === '') return END;
  if (next === "'" || next === '`') return SINGLE_QUOTES;
  if (/[\u2018-\u201f\u00ab\u00bb]/.test(next)) return CURLY_QUOTES;
  if ((next === '}' || next === ']') && last === ',') return TRAILING;
  if ((next === '}' && within === '[') || (next === ']' && within === '{')) return WRONG_BRACKET;
  if (code === INVALID_SYMBOL) return kindOfWord(last, within);
  return kindOfCode[code] ?? VALUE;
}

/** A word that is neither string nor literal is wrong in a way that depends on what might have stood there. */
function kindOfWord(last: Last, within: '{' | '[' | undefined): Kind {
  switch (last) {
    case 'value':
      return within === undefined ? AFTER : COMMA;
    case 'key':
      return COLON;
    case '{':
      return KEY;
    case ',':
      return within === '{' ? KEY : WORD;
    case '[':
    case ':':
      return WORD;
  }
}
