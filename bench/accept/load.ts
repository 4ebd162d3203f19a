import { Agent, request } from 'node:http';
import { bodyOf } from './body-of.js';

/** What the load process is asked to do. */
export interface LoadOrder {
  /** Where calls go. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  readonly seconds: number;
  /** Entries of a call. */
  readonly ids: number;
}

export interface LoadResult {
  readonly accepted: number;
  /** Answers other than 200, and calls that got none. */
  readonly refused: number;
  readonly seconds: number;
  /** Of each accepted call, from sending it to its whole answer. */
  readonly latenciesMs: readonly number[];
}

/** A process of its own that sends calls over kept connections, the next on each as soon as the last is answered. */
async function carryOut(order: LoadOrder): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: order.connections });
  const latenciesMs: number[] = [];
  let refused = 0;
  const began = performance.now();
  const until = began + order.seconds * 1000;
  const lane = async (): Promise<void> => {
    while (performance.now() < until) {
      const body = bodyOf(order.ids);
      const sent = performance.now();
      if ((await call(order, agent, body)) === 200) latenciesMs.push(performance.now() - sent);
      else refused += 1;
    }
  };
  await Promise.all(Array.from({ length: order.connections }, lane));
  const seconds = (performance.now() - began) / 1000;
  agent.destroy();
  return { accepted: latenciesMs.length, refused, seconds, latenciesMs };
}

async function call(order: LoadOrder, agent: Agent, body: string): Promise<number> {
  return new Promise((resolve) => {
    const sent = request(
      order.url,
      {
        method: 'POST',
        agent,
        headers: {
          ...order.headers,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        },
      },
      (answer) => {
        answer.resume();
        answer.once('end', () => {
          resolve(answer.statusCode ?? 0);
        });
      },
    );
    sent.once('error', () => {
      resolve(0);
    });
    sent.end(body);
  });
}

if (process.send) {
  process.on('message', (order) => {
    void carryOut(order as LoadOrder).then((result) => process.send?.(result));
  });
  process.once('disconnect', () => process.exit(0));
  process.stdout.write('ready\n');
}
