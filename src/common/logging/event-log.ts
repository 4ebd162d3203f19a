import { Injectable } from '@nestjs/common';
import { type Logger, pino, stderr } from './pino.js';
import { type EventValues, type FieldKind, fitField, type LogEvent } from './event.js';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/**
 * Writes structured lines, by allow-list: only declared events, only their declared fields, only values that fit.
 * Errors are never handed over; say their code.
 */
@Injectable()
export class EventLog {
  private readonly logger: Logger;

  constructor(level: LogLevel, destination: { write(line: string): void } = stderr()) {
    this.logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  }

  debug<F extends Record<string, FieldKind>>(event: LogEvent<F>, values: EventValues<F>): void {
    this.logger.debug(line(event, values));
  }

  info<F extends Record<string, FieldKind>>(event: LogEvent<F>, values: EventValues<F>): void {
    this.logger.info(line(event, values));
  }

  warn<F extends Record<string, FieldKind>>(event: LogEvent<F>, values: EventValues<F>): void {
    this.logger.warn(line(event, values));
  }

  error<F extends Record<string, FieldKind>>(event: LogEvent<F>, values: EventValues<F>): void {
    this.logger.error(line(event, values));
  }
}

function line<F extends Record<string, FieldKind>>(event: LogEvent<F>, values: EventValues<F>): object {
  const fitted: Record<string, string | number | boolean> = { event: event.name };
  for (const [name, kind] of Object.entries(event.fields)) fitted[name] = fitField(kind, values[name]);
  return fitted;
}
