import { fileURLToPath } from 'node:url';
import jwt from 'jsonwebtoken';
import { makeAcceptTables } from '../accept/accept-tables.js';
import { type AcceptRun, HttpContestant, loadModule } from '../accept/http-contestant.js';
import { resultsOf, takeTurns } from '../frame/turns.js';
import { Arena } from '../platform/arena.js';
import { sampleLayout } from '../platform/sample-layout.js';
import { type DetailedMeasure, measure } from '../report/measure.js';
import { median, medianInterval, quantile } from '../report/statistics.js';
import { BenchProcess } from '../servers/child-process.js';
import { erasePath, makeToken } from '../servers/erase-client.js';
import { startExpunge } from '../servers/expunge-processes.js';
import { type Group, type GroupContext } from './group.js';

const idsPerCall = 10;
const connections = 16;
const server = (name: string): string => fileURLToPath(new URL(`../accept/${name}.ts`, import.meta.url));
const listens = { ready: /listens on (\S+)/, typescript: true, probed: true } as const;

/** Calls of ten ids a second: the whole door against the least that could accept, and against what is usual. */
export const accept: Group = {
  name: 'accept',
  async run(context) {
    const arena = await Arena.open(context.servers, sampleLayout(5), { persons: 10, slices: 1 });
    await makeAcceptTables(arena.source);
    const secret = 'a secret of the usual length, 43 characters';
    const started = [
      await BenchProcess.start(loadModule, { ready: /ready/, typescript: true }),
      await startExpunge('api', {
        command: context.servers.command,
        databaseUrl: arena.serviceUrl,
        redisUrl: context.servers.redisUrl,
        wholeDoor: true,
      }),
      await BenchProcess.start(server('fastify-server'), { ...listens, args: [arena.ownerUrl] }),
      await BenchProcess.start(server('nest-express-server'), { ...listens, args: [arena.ownerUrl, secret] }),
    ] as const;
    try {
      const [load, expunge, fastify, nest] = started;
      const { source } = arena;
      const ours = { auth: await makeToken(arena) };
      const theirs = { auth: jwt.sign({ sub: 'bench', appId: 'cs-bench' }, secret, { expiresIn: '1h' }) };
      const { seconds, warmUpSeconds } = context.sizes.accept;
      const order = { connections, seconds, ids: idsPerCall };
      const common = { source, warmUpSeconds };
      const results = await takeTurns(
        [
          new HttpContestant(load, {
            ...{ ...common, name: 'expunge', server: expunge, whose: 'ours' },
            order: { ...order, url: expunge.said + erasePath, headers: ours },
          }),
          new HttpContestant(load, {
            ...{ ...common, name: 'fastify', server: fastify, whose: 'theirs' },
            order: { ...order, url: `${fastify.said}/erase`, headers: {} },
          }),
          new HttpContestant(load, {
            ...{ ...common, name: 'nest', server: nest, whose: 'theirs' },
            order: { ...order, url: `${nest.said}/erase`, headers: theirs },
          }),
        ],
        context.sizes.repetitions,
        context.random,
        () => source.query('CHECKPOINT'),
      );
      return measuresOf(results, context);
    } finally {
      for (const process of started) await process.stop();
      await arena.close();
    }
  },
};

function measuresOf(
  results: ReadonlyMap<string, readonly AcceptRun[]>,
  { sizes }: GroupContext,
): readonly DetailedMeasure[] {
  const [ours, fastify, nest] = [
    resultsOf(results, 'expunge'),
    resultsOf(results, 'fastify'),
    resultsOf(results, 'nest'),
  ];
  const { seconds, warmUpSeconds } = sizes.accept;
  const about = `calls of ${idsPerCall} ids over ${connections} connections, ${seconds} s a run, after ${warmUpSeconds} s that do not count`;
  const small = sizes.name !== 'full';
  const readings = readingsOf(ours);
  const compared = (
    given: Pick<DetailedMeasure, 'name' | 'unit' | 'target' | 'better'>,
    others: readonly AcceptRun[],
    valueOf: (run: AcceptRun) => number,
  ): DetailedMeasure => {
    const ratios = ours.map((run, round) => valueOf(run) / valueOf(others[round] ?? run));
    return measure(
      {
        ...given,
        value: median(ours.map(valueOf)),
        reference: median(others.map(valueOf)),
        ratio: median(ratios),
        interval: medianInterval(ratios),
        repetitions: ratios.length,
        ...{ about, small, readings },
      },
      [...ours, ...others].every(({ right }) => right),
    );
  };
  const rate = (run: AcceptRun): number => run.accepted / run.seconds;
  const p99 = (run: AcceptRun): number => quantile(run.latenciesMs, 0.99);
  return [
    compared({ name: 'accept', unit: 'req/s', target: 0.6, better: 'higher' }, fastify, rate),
    compared({ name: 'accept/vs-nest-express', unit: 'req/s', target: 1.8, better: 'higher' }, nest, rate),
    compared({ name: 'accept/p99', unit: 'ms', target: 3, better: 'lower' }, fastify, p99),
  ];
}

function readingsOf(runs: readonly AcceptRun[]): Readonly<Record<string, number>> {
  return {
    'event loop delay p99 ms': median(runs.map(({ process }) => process.loopDelayP99Ms)),
    'event loop delay max ms': Math.max(...runs.map(({ process }) => process.loopDelayMaxMs)),
    'peak RSS MB': Math.max(...runs.map(({ process }) => process.peakRssMB)),
  };
}
