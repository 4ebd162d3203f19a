import { Engine } from '../contestants/engine.js';
import { ofSize } from '../contestants/of-size.js';
import { Contest, type TimedRun } from '../frame/contest.js';
import { secondsSoFar } from '../frame/progress.js';
import { Arena } from '../platform/arena.js';
import { threeTablesLayout } from '../platform/three-tables-layout.js';
import { type DetailedMeasure, measure } from '../report/measure.js';
import { logSlope, median } from '../report/statistics.js';
import { type Group, type GroupContext } from './group.js';

/** Persons of a slice. */
const persons = 1_000;
const heapMb = 128;
/** Of a thousand people, of a worker that has seen nothing but a thousand people. */
const firstRounds = 3;

/** Runs by thousands of people. */
type RunsBySize = ReadonlyMap<number, readonly TimedRun[]>;

/** Numbers of people from a thousand on: how time and memory grow with them. One row a person in each of three tables. */
export const people: Group = {
  name: 'people',
  async run(context) {
    const slices = slicesOf(context);
    const layout = threeTablesLayout({ sessions: 1, messages: 1, events: 1 });
    const arena = await Arena.open(context.servers, layout, { persons: persons * slices, slices });
    const engine = await Engine.open(arena, {
      slices: 1,
      nodeArgs: [`--max-old-space-size=${heapMb}`],
    });
    try {
      const first = new Contest(arena, [ofSize(engine, 'the first people', 1)], context.random);
      await first.warmUp();
      for (let n = 0; n < firstRounds; n += 1) await first.round();
      const runs = await runsOf(arena, engine, context);
      return [scaling(runs, context), memory([...first.rounds.values()].flat(), runs, context)];
    } finally {
      await engine.close();
      await arena.close();
    }
  },
};

async function runsOf(arena: Arena, engine: Engine, { sizes, random }: GroupContext): Promise<RunsBySize> {
  const { often, once, inTime } = sizes.people;
  const all = [...often, ...once, ...inTime.map(({ thousands }) => thousands)];
  const names = new Map(all.map((size) => [size, `${size},000 people`]));
  const contest = new Contest(
    arena,
    [...names].map(([size, name]) => ofSize(engine, name, size)),
    random,
  );
  const round = (ofSizes: readonly number[]): Promise<void> =>
    contest.round(ofSizes.map((size) => names.get(size) ?? ''));
  const runs = (): RunsBySize =>
    new Map([...names].map(([size, name]) => [size, contest.rounds.get(name) ?? []]));
  for (let n = 0; n < sizes.repetitions; n += 1) await round(often);
  for (const size of once) await round([size]);
  for (const { thousands, times } of inTime)
    for (let n = 0; n < times && secondsSoFar() + lasts(thousands, runs()) < sizes.seconds; n += 1)
      await round([thousands]);
  return runs();
}

/** Seconds that a run of this size likely takes, going by the slowest of the largest so far, and what comes after it. */
function lasts(size: number, runs: RunsBySize): number {
  const largest = largestOf(runs);
  const slowest = Math.max(...(runs.get(largest) ?? []).map(({ seconds }) => seconds));
  return (size / largest) * slowest + 5;
}

function largestOf(runs: RunsBySize): number {
  return Math.max(...[...runs].filter(([, timed]) => timed.length > 0).map(([size]) => size));
}

function slicesOf({ sizes }: GroupContext): number {
  const { often, once, inTime } = sizes.people;
  const taken = [
    ...often.map((thousands) => thousands * sizes.repetitions),
    ...once,
    ...inTime.map(({ thousands, times }) => thousands * times),
  ];
  return 1 + firstRounds + taken.reduce((sum, thousands) => sum + thousands, 0) + 10;
}

function scaling(runs: RunsBySize, { sizes }: GroupContext): DetailedMeasure {
  const points = [...runs]
    .filter(([, timed]) => timed.length > 0)
    .map(([size, timed]) => [size * persons, median(timed.map(({ seconds }) => seconds))] as const)
    .sort(([a], [b]) => a - b);
  const times = [...runs].map(([size, timed]) => `${size},000: ${timed.length} times`);
  return measure(
    {
      name: 'scaling-people',
      value: logSlope(points),
      unit: 'slope',
      reference: null,
      ratio: null,
      target: 1.05,
      better: 'lower',
      about: `seconds until all are SUCCESS, by people; ${times.join(', ')}, as often as there was time for`,
      small: sizes.name !== 'full',
      repetitions: sizes.repetitions,
      points,
    },
    isRight([...runs.values()].flat()),
  );
}

function memory(first: readonly TimedRun[], runs: RunsBySize, { sizes }: GroupContext): DetailedMeasure {
  const largest = largestOf(runs);
  const last = runs.get(largest) ?? [];
  const peak = (timed: readonly TimedRun[]): number =>
    median(timed.map(({ process }) => process?.peakRssMB ?? NaN));
  const [small, large] = [peak(first), peak(last)];
  return measure(
    {
      name: 'memory',
      value: large - small,
      unit: 'MB',
      reference: null,
      ratio: null,
      target: 32,
      better: 'lower',
      about: `peak RSS of a worker at ${largest},000 people less that at 1,000, under --max-old-space-size=${heapMb}`,
      small: sizes.name !== 'full',
      readings: { 'at 1,000 MB': small, [`at ${largest},000 MB`]: large },
    },
    isRight([...first, ...last]),
  );
}

function isRight(runs: readonly TimedRun[]): boolean {
  return runs.every(({ wrong }) => wrong.length === 0);
}
