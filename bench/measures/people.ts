import { Engine } from '../contestants/engine.js';
import { ofSize } from '../contestants/of-size.js';
import { allRight, Contest, type TimedRun } from '../frame/contest.js';
import { secondsSoFar } from '../frame/progress.js';
import { Arena } from '../platform/arena.js';
import { threeTablesLayout } from '../platform/three-tables-layout.js';
import { type DetailedMeasure, measure } from '../report/measure.js';
import { logSlope, median } from '../report/statistics.js';
import { type Group, type GroupContext } from './group.js';

/** Persons of a slice. */
const persons = 1_000;
const heapMb = 128;

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
      const runs = await runsOf(arena, engine, context);
      return [scaling(runs, context), memory(runs, context)];
    } finally {
      await engine.close();
      await arena.close();
    }
  },
};

async function runsOf(arena: Arena, engine: Engine, { sizes, random }: GroupContext): Promise<RunsBySize> {
  await new Contest(arena, [ofSize(engine, 'warm up', 1)], random).warmUp();
  const runs = new Map<number, readonly TimedRun[]>();
  for (const { thousands, least, most } of sizes.people) {
    const name = `${numberOf(thousands)} people`;
    const contest = new Contest(arena, [ofSize(engine, name, thousands)], random);
    for (let n = 0; n < most; n += 1) {
      if (n >= least && secondsSoFar() + lasts(thousands, runs) > sizes.seconds) break;
      await contest.round();
      runs.set(thousands, contest.rounds.get(name) ?? []);
    }
  }
  return runs;
}

/** Seconds that a run of this size likely takes, going by the slowest of the largest so far, and what comes after it. */
function lasts(size: number, runs: RunsBySize): number {
  const largest = largestOf(runs);
  const slowest = Math.max(...(runs.get(largest) ?? []).map(({ seconds }) => seconds));
  return (size / largest) * slowest + 5;
}

function largestOf(runs: RunsBySize): number {
  return Math.max(...runs.keys());
}

function slicesOf({ sizes }: GroupContext): number {
  return 1 + sizes.people.reduce((sum, { thousands, most }) => sum + thousands * most, 0) + 10;
}

function scaling(runs: RunsBySize, { sizes }: GroupContext): DetailedMeasure {
  const points = [...runs]
    .map(([size, timed]) => [size * persons, median(timed.map(({ seconds }) => seconds))] as const)
    .sort(([a], [b]) => a - b);
  const times = sizes.people.map(
    ({ thousands, most }) => `${numberOf(thousands)}: ${runs.get(thousands)?.length ?? 0} of ${most} times`,
  );
  return measure(
    {
      name: 'scaling-people',
      value: logSlope(points),
      unit: 'slope',
      reference: null,
      ratio: null,
      target: 1.05,
      better: 'lower',
      about: `seconds until all are SUCCESS, by people; as there was time, ${times.join(', ')}`,
      small: sizes.name !== 'full',
      repetitions: sizes.repetitions,
      points,
    },
    allRight([...runs.values()].flat()),
  );
}

/** The smallest number comes first: its worker has seen nothing larger. */
function memory(runs: RunsBySize, { sizes }: GroupContext): DetailedMeasure {
  const largest = largestOf(runs);
  const [first, last] = [runs.get(1) ?? [], runs.get(largest) ?? []];
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
      about: `peak RSS of a worker at ${numberOf(largest)} people less that at 1,000, under --max-old-space-size=${heapMb}`,
      small: sizes.name !== 'full',
      readings: { 'at 1,000 MB': small, [`at ${numberOf(largest)} MB`]: large },
    },
    allRight([...first, ...last]),
  );
}

function numberOf(thousands: number): string {
  return (thousands * persons).toLocaleString('en-US');
}
