import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** A simple query that says COMMIT and nothing else, as the driver sends it. */
const COMMIT = Buffer.from('Q\0\0\0\x0bCOMMIT\0', 'latin1');

/** From which an unseen proxy connects. */
export const PROXY_ADDRESS = '127.0.0.2';

/** Stands between one process and PostgreSQL: delays, hangs, cuts, and swallows answers to COMMIT. */
export class PostgresProxy {
  private readonly pairs = new Set<readonly [client: Socket, upstream: Socket]>();
  private delayMs = 0;
  private hung: Promise<void> | null = null;
  private letGo: () => void = () => undefined;
  private toSwallow = 0;
  /** Answers to COMMIT that nobody got. */
  swallowed = 0;

  private constructor(
    private readonly server: Server,
    readonly port: number,
    private readonly target: () => number,
    private readonly unseen: boolean,
  ) {}

  /**
   * @param target port of PostgreSQL on this host: asked for each connection, since a restarted server may have another
   * @param unseen PostgreSQL sees the ports of the process, as where nothing stands between, and `PROXY_ADDRESS`; Linux alone
   */
  static async to(target: () => number, unseen = false): Promise<PostgresProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new PostgresProxy(server, (server.address() as AddressInfo).port, target, unseen);
    server.on('connection', (client) => {
      proxy.join(client);
    });
    return proxy;
  }

  /** Local ports of its connections to PostgreSQL: `client_port` in `pg_stat_activity`. */
  get clientPorts(): readonly number[] {
    return [...this.pairs].flatMap(([, upstream]) => upstream.localPort ?? []);
  }

  /** From now on every piece takes this long in each direction. */
  delay(ms: number): void {
    this.delayMs = ms;
  }

  /** Lets nothing through until `recover`. */
  hang(): void {
    this.hung ??= new Promise((resolve) => {
      this.letGo = resolve;
    });
  }

  cut(): void {
    for (const [client, upstream] of this.pairs) {
      client.destroy();
      upstream.destroy();
    }
  }

  /** The next COMMIT is done, and whoever sent it loses the connection instead of being told. */
  swallowNextCommit(): void {
    this.toSwallow += 1;
  }

  recover(): void {
    this.delayMs = 0;
    this.toSwallow = 0;
    this.hung = null;
    this.letGo();
  }

  async close(): Promise<void> {
    this.recover();
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(client: Socket): void {
    const upstream = connect({
      host: '127.0.0.1',
      port: this.target(),
      // The address is another, so that the port is free.
      ...(this.unseen ? { localAddress: PROXY_ADDRESS, localPort: client.remotePort } : {}),
    });
    const pair = [client, upstream] as const;
    this.pairs.add(pair);
    let swallows = false;
    const forward = (from: Socket, to: Socket, meets: (chunk: Buffer) => boolean): void => {
      let sent = Promise.resolve();
      from.on('data', (chunk: Buffer) => {
        sent = sent.then(async () => {
          if (this.delayMs > 0) await wait(this.delayMs);
          if (this.hung) await this.hung;
          if (meets(chunk)) to.write(chunk);
        });
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        this.pairs.delete(pair);
        // What was sent before the end arrives before it.
        void sent.then(() => to.destroy());
      });
    };
    forward(client, upstream, (chunk) => {
      if (this.toSwallow > 0 && chunk.includes(COMMIT)) {
        this.toSwallow -= 1;
        swallows = true;
      }
      return true;
    });
    forward(upstream, client, () => {
      if (!swallows) return true;
      this.swallowed += 1;
      client.destroy();
      return false;
    });
  }
}
