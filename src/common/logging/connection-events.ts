import { Injectable } from '@nestjs/common';
import { ConnectionLog } from '../../database/connection-log.js';
import { defineEvent } from './event.js';
import { EventLog } from './event-log.js';

const unreachable = defineEvent('database.unreachable', { sqlState: 'code' });
const connected = defineEvent('database.connected', {});
const idleConnectionLost = defineEvent('database.idle-connection-lost', { sqlState: 'code' });
const serverLogOpen = defineEvent('database.server-log-open', { parameter: 'code' });

/** Tells in the log how the database connection fares. */
@Injectable()
export class ConnectionEvents extends ConnectionLog {
  constructor(private readonly log: EventLog) {
    super();
  }

  override unreachable(sqlState: string): void {
    this.log.warn(unreachable, { sqlState });
  }

  override connected(): void {
    this.log.info(connected, {});
  }

  override idleConnectionLost(sqlState: string): void {
    this.log.warn(idleConnectionLost, { sqlState });
  }

  override serverLogOpen(parameter: string): void {
    this.log.warn(serverLogOpen, { parameter });
  }
}
