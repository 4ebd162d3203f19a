import { Socket } from 'node:net';
import { Client } from 'pg';

/** The first half of every key of ours; the second is the caller's. "expunge" on a telephone's keys. */
export const sessionLockClass = 3978643;

const PATIENCE_MS = 1_000;
/** A way through a pooler is not likely to become another while the process runs. */
const ASK_AGAIN_MS = 60_000;

/**
 * An advisory lock on a session of its own, which ends with the process: that it is free proves that the process, or its
 * way to the database, is gone. Behind a transaction pooler it would prove nothing, since the session is the pooler's;
 * whether there is one is seen by the port, which the server must see as we do. Where it is another, a pooler, a proxy or an
 * address translation stands between, and the lock is not used.
 */
export class SessionLock {
  private client: Client | null = null;
  private notBefore = 0;

  constructor(private readonly databaseUrl: string) {}

  /**
   * Takes the lock, or looks whether it is still held. Never throws; within a second or two.
   *
   * @returns whether it is held in such a way that it would be free if this process were gone
   */
  async hold(key: number): Promise<boolean> {
    if (this.client === null && performance.now() < this.notBefore) return false;
    try {
      this.client ??= await this.open(key);
    } catch {
      return false;
    }
    if (this.client === null) this.notBefore = performance.now() + ASK_AGAIN_MS;
    if (this.client === null || (await isHeld(this.client, key))) return this.client !== null;
    await this.release();
    return false;
  }

  async release(): Promise<void> {
    const { client } = this;
    this.client = null;
    await client?.end().catch(() => undefined);
  }

  /** @returns null where the lock would prove nothing */
  private async open(key: number): Promise<Client | null> {
    const socket = new Socket();
    const client = new Client({
      connectionString: this.databaseUrl,
      application_name: 'expunge worker lock',
      connectionTimeoutMillis: PATIENCE_MS,
      query_timeout: PATIENCE_MS,
      keepAlive: true,
      stream: () => socket,
    });
    client.on('error', () => {
      if (this.client === client) this.client = null;
    });
    try {
      await client.connect();
      if (await isDirect(client, socket)) {
        if (await take(client, key)) return client;
        // A session of ours that the server has not given up yet.
        throw new Error('the lock is held');
      }
    } catch (error) {
      socket.destroy();
      throw error;
    }
    await client.end().catch(() => undefined);
    return null;
  }
}

async function isDirect(client: Client, socket: Socket): Promise<boolean> {
  const { rows } = await client.query<{ port: number | null }>('SELECT inet_client_port() AS port');
  return rows[0]?.port !== null && rows[0]?.port === socket.localPort;
}

async function take(client: Client, key: number): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS taken', [
    sessionLockClass,
    key,
  ]);
  return rows[0]?.taken === true;
}

async function isHeld(client: Client, key: number): Promise<boolean> {
  const look = client.query(
    `SELECT FROM pg_locks
     WHERE locktype = 'advisory' AND classid = $1::integer::oid AND objid = $2::integer::oid AND objsubid = 2
       AND pid = pg_backend_pid() AND granted`,
    [sessionLockClass, key],
  );
  return look.then(
    ({ rows }) => rows.length > 0,
    () => false,
  );
}
