import { basename } from 'node:path';
import { DatabaseFault } from '../../database/database-fault.js';
import { isError } from './is-error.js';

/** What may be logged of an unexpected error: its SQLSTATE or class, and the place in the code. Never its message. */
export interface Fault {
  readonly code: string;
  /** `file.js-12`, or `unknown`. */
  readonly at: string;
}

const FRAME = /^ {4}at (?:.* \()?(?:file:\/\/)?([^()]+):(\d+):\d+\)?$/;

/** Reads the stack below the message only: a message may hold lines that look like frames. */
export function faultOf(error: unknown): Fault {
  if (!isError(error)) return { code: typeof error, at: 'unknown' };
  const code = error instanceof DatabaseFault ? error.sqlState : error.name;
  const head = `${error.name}: ${error.message}\n`;
  const stack = error.stack?.startsWith(head) ? error.stack.slice(head.length) : '';
  const frame = stack
    .split('\n')
    .map((line) => FRAME.exec(line))
    .find((found) => found?.[1] !== undefined && !found[1].startsWith('node:'));
  return { code, at: frame ? `${basename(frame[1] ?? '')}-${frame[2] ?? ''}` : 'unknown' };
}
