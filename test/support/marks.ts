import { randomBytes } from 'node:crypto';

/** A word that occurs nowhere else, to be put into values, and to be looked for where none of them may turn up. */
export class Mark {
  readonly word = `qzx${randomBytes(5).toString('hex')}`;
  private readonly pattern: RegExp;

  constructor() {
    const bytes = Buffer.from(this.word);
    const hex = bytes.toString('hex');
    // Encoding changes whatever shares a group of three bytes with a neighbour: the middle is the same wherever it begins.
    const base64 = [0, 1, 2].map((shift) =>
      Buffer.concat([Buffer.alloc(shift), bytes])
        .toString('base64url')
        .slice(shift === 0 ? 0 : 4, -3)
        .replaceAll('-', '[-+]')
        .replaceAll('_', '[_/]'),
    );
    this.pattern = new RegExp([...[this.word, hex].map(anyCase), ...base64].join('|'));
  }

  /** A value for this use; what leaks tells by its name where it came from. */
  of(use: string): string {
    return `${this.word}${use}`;
  }

  /** What stands around each place where the word is: plain, in hexadecimal, in base64. Empty when it is nowhere. */
  in(text: string): string[] {
    return [...text.matchAll(new RegExp(this.pattern, 'g'))].map(({ index }) =>
      text.slice(Math.max(0, index - 200), index + 120),
    );
  }
}

function anyCase(text: string): string {
  return text.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}
