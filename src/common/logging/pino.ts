import { destination, type Logger, pino } from 'pino';

/** Standard error, written at once: standard output belongs to what a command prints for its user. */
export function stderr(): { write(line: string): void } {
  return destination({ fd: 2, sync: true });
}

export { type Logger, pino };
