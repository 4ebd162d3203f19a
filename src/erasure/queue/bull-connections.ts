import { Redis, type RedisOptions } from 'ioredis';

const LONGEST_WAIT_MS = 2_000;
/**
 * How long a connection may take to end by itself. ioredis keeps the process alive for so long, 2 s unless told otherwise, when
 * it is to end a connection that has just been lost, as Bull's are when it stops waiting for work.
 */
const ENDS_WITHIN_MS = 250;

/**
 * The connections of one Bull queue, ours to end: Bull's own close waits for a server that may never come back, and a
 * connection that goes on trying keeps the process alive.
 */
export class BullConnections {
  private readonly open: Redis[] = [];
  private readonly waiting: Redis[] = [];
  private ended = false;

  constructor(private readonly url: string) {}

  /** Bull's `createClient`. Bull asks for these two options on connections that wait for work or listen. */
  readonly create = (type: 'client' | 'subscriber' | 'bclient', options?: RedisOptions): Redis => {
    const waits = type === 'client' ? {} : { maxRetriesPerRequest: null, enableReadyCheck: false };
    const connection = new Redis(this.url, {
      ...options,
      ...waits,
      disconnectTimeout: ENDS_WITHIN_MS,
      // Bull opens connections even while it closes.
      lazyConnect: this.ended,
      retryStrategy: (attempt) => (this.ended ? null : Math.min(attempt * 50, LONGEST_WAIT_MS)),
    });
    // Bull tells its own listeners; without one of ours a late error is printed, address and all.
    connection.on('error', () => undefined);
    this.open.push(connection);
    if (type === 'bclient') this.waiting.push(connection);
    return connection;
  };

  /** Ends the wait for work at once, which Bull lets go on for another half a second. */
  stopWaiting(): void {
    for (const connection of this.waiting) connection.disconnect();
  }

  end(): void {
    this.ended = true;
    for (const connection of this.open.splice(0)) connection.disconnect();
  }
}
