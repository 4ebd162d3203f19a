import { fileURLToPath } from 'node:url';
import { median } from '../report/statistics.js';
import { connect } from './bench-servers.js';
import { BenchProcess } from './child-process.js';

/** How far a client is from PostgreSQL. */
export interface Distance {
  /** Of the way there and back, added to what the machine itself takes. */
  readonly rttMs: number;
  /** The same database from there. */
  url(databaseUrl: string): string;
  close(): Promise<void>;
}

export const here: Distance = { rttMs: 0, url: (url) => url, close: () => Promise.resolve() };

const proxy = fileURLToPath(new URL('rtt-proxy.ts', import.meta.url));

/** Puts a proxy of `rttMs` there and back before the server of `databaseUrl`. */
export async function awayFrom(databaseUrl: string, rttMs: number): Promise<Distance> {
  const { port } = new URL(databaseUrl);
  const between = await BenchProcess.start(proxy, {
    args: [port, String(rttMs / 2)],
    ready: /proxy on (\d+)/,
    typescript: true,
  });
  return {
    rttMs,
    url: (url) => {
      const through = new URL(url);
      through.port = between.said;
      return through.href;
    },
    close: () => between.stop(),
  };
}

/** The median of the time that a statement of nothing takes. */
export async function roundTripMs(url: string, times = 200): Promise<number> {
  const source = await connect(url, 1);
  const taken: number[] = [];
  for (let n = 0; n < times; n += 1) {
    const began = performance.now();
    await source.query('SELECT 1');
    taken.push(performance.now() - began);
  }
  await source.destroy();
  return median(taken);
}
