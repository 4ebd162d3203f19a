import { setTimeout as wait } from 'node:timers/promises';
import { sql } from '../../src/database/sql.js';
import { Arena } from '../platform/arena.js';
import { sampleLayout } from '../platform/sample-layout.js';
import { type DetailedMeasure, measure } from '../report/measure.js';
import { medianInterval, quantile } from '../report/statistics.js';
import { EraseClient } from '../servers/erase-client.js';
import { startExpunge } from '../servers/expunge-processes.js';
import { type Group, type GroupContext } from './group.js';

const warmUp = 5;
/** People whom nobody ever names. */
const bystanders = 10;
const withinMs = 30_000;

/** From the answer to a call of one person until the first of their rows is gone, to the eyes of another connection. */
export const firstDelete: Group = {
  name: 'first-delete',
  async run(context) {
    return [await measureWith(context, 'in-process', 10), await measureWith(context, 'redis', 20)];
  },
};

async function measureWith(
  { servers, sizes, random }: GroupContext,
  queue: 'in-process' | 'redis',
  target: number,
): Promise<DetailedMeasure> {
  const calls = warmUp + sizes.firstDelete.persons;
  const persons = calls + bystanders;
  const arena = await Arena.open(servers, sampleLayout(5), { persons, slices: persons });
  const databaseUrl = arena.serviceUrl;
  const redisUrl = queue === 'redis' ? servers.redisUrl : null;
  const env = { EXPUNGE_REDIS_PREFIX: new URL(databaseUrl).pathname.slice(1) };
  const options = { command: servers.command, databaseUrl, redisUrl, env };
  const started =
    queue === 'redis'
      ? [await startExpunge('api', options), await startExpunge('worker', options)]
      : [await startExpunge('all', options)];
  try {
    const client = await EraseClient.create(arena, started[0]?.said ?? '');
    const taken: number[] = [];
    const before = await arena.fingerprint();
    const gone = new Set<number>();
    for (let n = 0; n < calls; n += 1) {
      // Not in step with anything that the service does once a second.
      await wait(random.next() * 50);
      const slice = arena.next(1);
      taken.push(await timeOne(arena, client, slice.userIds));
      for (const number of slice.numbers) gone.add(number);
    }
    const wrong = (await arena.fingerprint()).wrongSince(before, gone, true);
    const counted = taken.slice(warmUp);
    return measure(
      {
        name: `first-delete/${queue}`,
        value: quantile(counted, 0.5),
        unit: 'ms',
        reference: null,
        ratio: null,
        target,
        better: 'lower',
        about: `median of ${counted.length} calls of one person`,
        small: sizes.name !== 'full',
        repetitions: counted.length,
        interval: medianInterval(counted),
        readings: { 'p90 ms': quantile(counted, 0.9), 'longest ms': Math.max(...counted) },
      },
      wrong.length === 0,
    );
  } finally {
    for (const process of started) await process.stop();
    await arena.close();
  }
}

/** @returns milliseconds; when everyone of the call has settled */
async function timeOne(arena: Arena, client: EraseClient, userIds: readonly string[]): Promise<number> {
  const { manager } = arena.source;
  const rows = async (): Promise<number> => {
    const [row] = await sql<{ rows: number }>(
      manager,
      'SELECT count(*)::integer AS rows FROM platform.messages WHERE user_id = ANY ($1::text[])',
      [userIds],
    );
    return row?.rows ?? 0;
  };
  const before = await rows();
  const requestId = await client.erase({ userIds, RemoveDataFromAllBots: true });
  const began = performance.now();
  while ((await rows()) === before) {
    if (performance.now() - began > withinMs) throw new Error('no row went in time');
    // Who asks without a pause takes one of two cores from whoever is to answer.
    await wait(1);
  }
  const ms = performance.now() - began;
  for (let settled = false; !settled;) {
    const open = await sql(
      manager,
      'SELECT FROM expunge.erasure_requests WHERE id = $1 AND settled_on IS NULL',
      [requestId],
    );
    settled = open.length === 0;
    if (!settled) await wait(5);
  }
  return ms;
}
