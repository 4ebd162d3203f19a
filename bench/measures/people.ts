import { Engine } from '../contestants/engine.js';
import { ofSize } from '../contestants/of-size.js';
import { Contest, type TimedRun } from '../frame/contest.js';
import { Arena } from '../platform/arena.js';
import { threeTablesLayout } from '../platform/three-tables-layout.js';
import { type DetailedMeasure, measure } from '../report/measure.js';
import { logSlope, median } from '../report/statistics.js';
import { type Group, type GroupContext } from './group.js';

/** Persons of a slice. */
const persons = 1_000;
const heapMb = 128;

/** Numbers of people from a thousand on: how time and memory grow with them. One row a person in each of three tables. */
export const people: Group = {
  name: 'people',
  async run(context) {
    const { servers, sizes, random } = context;
    const { often, seldom, seldomRounds, once } = sizes.people;
    const slices = slicesOf(context);
    const layout = threeTablesLayout({ sessions: 1, messages: 1, events: 1 });
    const arena = await Arena.open(servers, layout, { persons: persons * slices, slices });
    const engine = await Engine.open(arena, {
      slices: 1,
      nodeArgs: [`--max-old-space-size=${heapMb}`],
    });
    const runs = new Map<number, readonly TimedRun[]>();
    const measureSizes = async (thousands: readonly number[], rounds: number): Promise<void> => {
      const contestants = thousands.map((size) => ofSize(engine, `${size},000 people`, size));
      const contest = new Contest(arena, contestants, random);
      for (let n = 0; n < rounds; n += 1) await contest.round();
      for (const { name, slices: size } of contestants)
        runs.set(size, [...(runs.get(size) ?? []), ...(contest.rounds.get(name) ?? [])]);
    };
    try {
      // A worker that has seen nothing but a thousand people: twice to warm up.
      await new Contest(arena, [ofSize(engine, 'warm up', 1)], random).warmUp();
      await measureSizes([1], memoryRounds);
      const before = runs.get(1) ?? [];
      runs.clear();
      await measureSizes(often, sizes.repetitions);
      await measureSizes([seldom], seldomRounds);
      if (once !== null) await measureSizes([once], 1);
      return [scaling(runs, context), memory(before, runs, context)];
    } finally {
      await engine.close();
      await arena.close();
    }
  },
};

const memoryRounds = 3;

function slicesOf({ sizes }: GroupContext): number {
  const { often, seldom, seldomRounds, once } = sizes.people;
  const perRound = often.reduce((sum, size) => sum + size, 0);
  return 1 + memoryRounds + perRound * sizes.repetitions + seldom * seldomRounds + (once ?? 0) + 10;
}

function scaling(runs: ReadonlyMap<number, readonly TimedRun[]>, { sizes }: GroupContext): DetailedMeasure {
  const points = [...runs].map(
    ([size, timed]) => [size * persons, median(timed.map(({ seconds }) => seconds))] as const,
  );
  const all = [...runs.values()].flat();
  return measure(
    {
      name: 'scaling-people',
      value: logSlope(points),
      unit: 'slope',
      reference: null,
      ratio: null,
      target: 1.05,
      better: 'lower',
      about: `seconds until all are SUCCESS, by people; ${[...runs].map(([size, timed]) => `${size},000: ${timed.length} times`).join(', ')}`,
      small: sizes.people.once === null,
      repetitions: sizes.repetitions,
      points,
    },
    all.every(({ wrong }) => wrong.length === 0),
  );
}

function memory(
  before: readonly TimedRun[],
  runs: ReadonlyMap<number, readonly TimedRun[]>,
  { sizes }: GroupContext,
): DetailedMeasure {
  const largest = Math.max(...runs.keys());
  const peak = (timed: readonly TimedRun[]): number =>
    median(timed.map(({ process }) => process?.peakRssMB ?? NaN));
  const [small, large] = [peak(before), peak(runs.get(largest) ?? [])];
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
      small: sizes.people.once === null,
      readings: { 'at 1,000 MB': small, [`at ${largest},000 MB`]: large },
    },
    [...before, ...(runs.get(largest) ?? [])].every(({ wrong }) => wrong.length === 0),
  );
}
