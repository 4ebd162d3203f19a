import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * A process of its own between a client and a server: what either says reaches the other a fixed time later. Arguments: port
 * of the server, delay of one direction in milliseconds. Timers of Node know whole milliseconds only, so it looks by itself,
 * in naps of a tenth of a millisecond while something waits, and not at all otherwise.
 */
interface Waiting {
  readonly dueMs: number;
  readonly to: Socket;
  /** null: the other side has ended. */
  readonly chunk: Buffer | null;
}

const napMs = 0.1;
const [port = '', delay = ''] = process.argv.slice(2);
const delayMs = Number(delay);
const nap = new Int32Array(new SharedArrayBuffer(4));
const waiting: Waiting[] = [];
let turning = false;

function later(to: Socket, chunk: Buffer | null): void {
  waiting.push({ dueMs: performance.now() + delayMs, to, chunk });
  if (turning) return;
  turning = true;
  setImmediate(turn);
}

function turn(): void {
  for (let first = waiting[0]; first && first.dueMs <= performance.now(); first = waiting[0]) {
    waiting.shift();
    if (first.chunk) first.to.write(first.chunk);
    else first.to.end();
  }
  const [next] = waiting;
  turning = next !== undefined;
  if (!next) return;
  Atomics.wait(nap, 0, 0, Math.min(napMs, Math.max(0, next.dueMs - performance.now())));
  setImmediate(turn);
}

function join(from: Socket, to: Socket): void {
  from.setNoDelay(true);
  from.on('data', (chunk) => {
    later(to, chunk);
  });
  from.on('end', () => {
    later(to, null);
  });
  from.on('error', () => to.destroy());
}

const server = createServer({ allowHalfOpen: true }, (client) => {
  const upstream = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true });
  join(client, upstream);
  join(upstream, client);
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`proxy on ${(server.address() as AddressInfo).port}\n`);
});
process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => process.exit(0));
