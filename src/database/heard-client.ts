import { Client, type ClientConfig } from 'pg';

/** More are sent as they are: each takes memory of the server for as long as the connection lives. */
const MOST_PREPARED = 256;

/**
 * A client of the pool whose errors are always heard by somebody. The pool listens while a client is idle and TypeORM while it
 * is in use, but between the two nobody does; and a server that goes down can say so in the very message that ends a
 * connection's beginning. An error that nobody hears ends the process.
 */
export class HeardClient extends Client {
  /** Names of the statements that the server keeps for this connection, by their text. */
  private readonly prepared = new Map<string, string>();
  private namesGiven = 0;
  private ownSession: boolean | null = null;

  constructor(config?: string | ClientConfig) {
    super(config);
    // Whoever uses it next is told by its first statement.
    this.on('error', () => undefined);
  }

  /**
   * Under which name the server keeps this statement for this connection, from its first use on; null where it is not kept.
   *
   * @throws what the driver throws
   */
  async preparedName(text: string): Promise<string | null> {
    this.ownSession ??= await this.hasOwnSession();
    if (!this.ownSession) return null;
    const known = this.prepared.get(text);
    if (known !== undefined || this.prepared.size >= MOST_PREPARED) return known ?? null;
    this.namesGiven += 1;
    const name = `expunge_${this.namesGiven}`;
    this.prepared.set(text, name);
    return name;
  }

  /** What was prepared is prepared anew when it is used next. */
  forgetPrepared(): void {
    this.prepared.clear();
  }

  /**
   * A pooler gives its clients process ids of its own making, for cancelling: of a session that is ours from end to end the
   * server itself knows the same id as the one that we were given.
   */
  private async hasOwnSession(): Promise<boolean> {
    const { rows } = await this.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    return rows[0]?.pid === (this as { readonly processID?: unknown }).processID;
  }
}
