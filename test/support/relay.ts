import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between a client and a server of this run, and takes the server away: for one client, not for all tests. */
export class Relay {
  private readonly sockets = new Set<Socket>();
  private hung = false;

  private constructor(
    private readonly server: Server,
    /** The server's URL, by way of this relay. */
    readonly url: string,
  ) {}

  static async to(url: string): Promise<Relay> {
    const target = new URL(url);
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const through = new URL(url);
    through.hostname = '127.0.0.1';
    through.port = String((server.address() as AddressInfo).port);
    const relay = new Relay(server, through.href);
    server.on('connection', (client) => {
      relay.join(client, connect(Number(target.port), target.hostname));
    });
    return relay;
  }

  /** Lets nothing through any more, in either direction, and keeps connections open. */
  hang(): void {
    this.hung = true;
    for (const socket of this.sockets) socket.pause();
  }

  /** Lets everything through again, also what waited. */
  recover(): void {
    this.hung = false;
    for (const socket of this.sockets) socket.resume();
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(client: Socket, upstream: Socket): void {
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.sockets.add(from);
      from.on('data', (chunk) => to.write(chunk));
      from.on('error', () => undefined);
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
      if (this.hung) from.pause();
    }
  }
}
