import { randomUUID } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { kept, makeAcceptTables } from '../accept/accept-tables.js';
import { bodyOf, longBodyOf } from '../accept/body-of.js';
import { resultsOf, takeTurns, type Turn } from '../frame/turns.js';
import { Arena } from '../platform/arena.js';
import { sampleLayout } from '../platform/sample-layout.js';
import { type DetailedMeasure, measure } from '../report/measure.js';
import { median, medianInterval } from '../report/statistics.js';
import { type BenchProcess } from '../servers/child-process.js';
import { EraseClient } from '../servers/erase-client.js';
import { startExpunge } from '../servers/expunge-processes.js';
import { type Group } from './group.js';

const ids = 10_000;

interface LargeCall {
  readonly ms: number;
  readonly right: boolean;
  /** Of the service's process; of a COPY 0. */
  readonly loopDelayMs: number;
}

/** One call of 10,000 ids until its 200, against COPY of the same ids into a table of the same columns, indexes and key. */
export const accept10k: Group = {
  name: 'accept-10k',
  async run({ servers, sizes, random }) {
    const arena = await Arena.open(servers, sampleLayout(5), { persons: 10, slices: 1 });
    await makeAcceptTables(arena.source);
    const api = await startExpunge('api', {
      command: servers.command,
      databaseUrl: arena.serviceUrl,
      redisUrl: servers.redisUrl,
      wholeDoor: true,
    });
    const client = new Client({ connectionString: arena.ownerUrl });
    await client.connect();
    const caller = await EraseClient.create(arena, api.said);
    try {
      const results = await takeTurns(
        [
          callOf(
            'call',
            arena,
            api,
            () => bodyOf(ids),
            (body) => caller.send(body),
          ),
          callOf(
            'largest call',
            arena,
            api,
            () => longBodyOf(ids),
            (body) => caller.send(body, randomUUID()),
          ),
          copyOf(arena, client),
        ],
        sizes.repetitions,
        random,
        () => arena.source.query('CHECKPOINT'),
      );
      const [ours, copy] = [resultsOf(results, 'call'), resultsOf(results, 'copy')];
      const largest = resultsOf(results, 'largest call');
      const right = [...ours, ...copy].every((run) => run.right);
      const ratios = ours.map(({ ms }, round) => ms / (copy[round]?.ms ?? NaN));
      const common = { unit: 'ms', better: 'lower', small: false, repetitions: ours.length } as const;
      return [
        measure(
          {
            ...common,
            name: 'accept-10k',
            value: median(ours.map(({ ms }) => ms)),
            reference: median(copy.map(({ ms }) => ms)),
            ratio: median(ratios),
            interval: medianInterval(ratios),
            target: 2,
            about: 'a call of 10,000 ids until 200; COPY of the same ids',
          },
          right,
        ),
        loopDelay('accept-10k/event-loop-delay', 'the longest of all these calls', ours),
        loopDelay(
          'accept-10k/event-loop-delay/5-MB',
          'the longest of as many calls of 10,000 long identities, each with an Idempotency-Key',
          largest,
        ),
      ];
    } finally {
      await client.end();
      await api.stop();
      await arena.close();
    }
  },
};

function loopDelay(name: string, about: string, calls: readonly LargeCall[]): DetailedMeasure {
  const delays = calls.map(({ loopDelayMs }) => loopDelayMs);
  return measure(
    {
      name,
      value: Math.max(...delays),
      unit: 'ms',
      reference: null,
      ratio: null,
      interval: medianInterval(delays),
      target: 50,
      better: 'lower',
      about,
      small: false,
      repetitions: delays.length,
    },
    calls.every(({ right }) => right),
  );
}

function callOf(
  name: string,
  arena: Arena,
  api: BenchProcess,
  makeBody: () => string,
  send: (body: string) => Promise<unknown>,
): Turn<LargeCall> {
  return {
    name,
    run: async () => {
      const body = makeBody();
      const before = await kept(arena.source, 'ours');
      await api.begin();
      const began = performance.now();
      await send(body);
      const ms = performance.now() - began;
      const { loopDelayMaxMs } = await api.end();
      const after = await kept(arena.source, 'ours');
      return { ms, right: after.subjects - before.subjects === ids, loopDelayMs: loopDelayMaxMs };
    },
  };
}

function copyOf(arena: Arena, client: Client): Turn<LargeCall> {
  let number = 0;
  return {
    name: 'copy',
    run: async () => {
      const { userIds } = JSON.parse(bodyOf(ids)) as { userIds: readonly string[] };
      const before = await kept(arena.source, 'theirs');
      number += 1;
      await arena.source.query(
        `INSERT INTO bench.requests (id, account_id, client_id, all_bots, bot_ids, received_on, due_on, not_before,
           created_on, last_updated_on, total, mac)
         VALUES ($1, 'a', 'c', true, '{}', now(), now(), now(), now(), now(), $2, '')`,
        [`copy-${number}`, ids],
      );
      const now = new Date().toISOString();
      const began = performance.now();
      const lines = userIds.map((id, position) => `copy-${number}\t${position}\t${id}\t${now}\n`);
      await pipeline(
        Readable.from([lines.join('')]),
        client.query(
          copyFrom('COPY bench.subjects (request_id, position, entry, last_updated_on) FROM STDIN'),
        ),
      );
      const ms = performance.now() - began;
      const after = await kept(arena.source, 'theirs');
      return { ms, right: after.subjects - before.subjects === ids, loopDelayMs: 0 };
    },
  };
}
