import { setTimeout as wait } from 'node:timers/promises';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ConnectionLog } from './connection-log.js';
import { DatabaseFault, toDatabaseFault } from './database-fault.js';
import { openServerLog } from './server-log.js';

const firstWaitMs = 100;
const longestWaitMs = 2_000;

/**
 * Connects the process to its database and keeps trying until it can: a database that is away or still starting is no
 * reason to end. After that the pool replaces broken connections by itself.
 */
@Injectable()
export class DatabaseConnector implements OnApplicationShutdown {
  private readonly stopping = new AbortController();
  /** Settles when the data source is initialised, or when the process stops before that. Never rejects. */
  readonly settled: Promise<void>;

  constructor(
    private readonly dataSource: DataSource,
    private readonly log: ConnectionLog,
  ) {
    this.settled = this.keepTrying();
  }

  /** After every worker has ended its last transaction. */
  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.settled;
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  private async keepTrying(): Promise<void> {
    let told: string | null = null;
    for (let pause = firstWaitMs; !this.stopping.signal.aborted; pause = Math.min(2 * pause, longestWaitMs)) {
      const fault = await this.tryOnce();
      if (fault === null) {
        this.log.connected();
        await this.tellOfServerLog();
        return;
      }
      if (fault.sqlState !== told) this.log.unreachable(fault.sqlState);
      told = fault.sqlState;
      await wait(pause, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
  }

  /** Only a warning: a connection that is lost again meanwhile must not keep the process from going on. */
  private async tellOfServerLog(): Promise<void> {
    const open = await openServerLog(this.dataSource).catch(() => []);
    for (const parameter of open) this.log.serverLogOpen(parameter);
  }

  private async tryOnce(): Promise<DatabaseFault | null> {
    try {
      await this.dataSource.initialize();
      return null;
    } catch (error) {
      const fault = toDatabaseFault(error);
      // Whatever else it was, the next try tells; its text may hold an address or a user.
      return fault instanceof DatabaseFault ? fault : new DatabaseFault('08000');
    }
  }
}
