import { Client, type ClientConfig } from 'pg';

/**
 * A client of the pool whose errors are always heard by somebody. The pool listens while a client is idle and TypeORM while it
 * is in use, but between the two nobody does; and a server that goes down can say so in the very message that ends a
 * connection's beginning. An error that nobody hears ends the process.
 */
export class HeardClient extends Client {
  constructor(config?: string | ClientConfig) {
    super(config);
    // Whoever uses it next is told by its first statement.
    this.on('error', () => undefined);
  }
}
