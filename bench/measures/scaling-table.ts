import { Engine } from '../contestants/engine.js';
import { allRight, Contest, type TimedRun } from '../frame/contest.js';
import { Arena } from '../platform/arena.js';
import { threeTablesLayout } from '../platform/three-tables-layout.js';
import { measure } from '../report/measure.js';
import { logSlope, median } from '../report/statistics.js';
import { type Group, type GroupContext } from './group.js';

const layout = threeTablesLayout({ sessions: 1, messages: 3, events: 1 });

/** The same number of people in tables of different sizes. */
export const scalingTable: Group = {
  name: 'scaling-table',
  async run(context) {
    const { persons, rows } = context.sizes.scalingTable;
    const runs: (readonly [number, readonly TimedRun[]])[] = [];
    for (const size of rows) runs.push([size, await timesAt(context, persons, size)]);
    const points = runs.map(([size, timed]) => [size, median(timed.map(({ seconds }) => seconds))] as const);
    return [
      measure(
        {
          name: 'scaling-table',
          value: logSlope(points),
          unit: 'slope',
          reference: null,
          ratio: null,
          target: 0.15,
          better: 'lower',
          about: `seconds until ${persons} people of 5 rows are SUCCESS, by rows in the three tables`,
          small: context.sizes.name !== 'full',
          repetitions: context.sizes.repetitions,
          points,
        },
        runs.every(([, timed]) => allRight(timed)),
      ),
    ];
  },
};

async function timesAt(
  { servers, sizes, random }: GroupContext,
  persons: number,
  rows: number,
): Promise<readonly TimedRun[]> {
  const everybody = rows / layout.rowsPerPerson;
  const listed = 1 + sizes.repetitions;
  const population = { persons: everybody, slices: Math.floor(everybody / persons), listed };
  const arena = await Arena.open(servers, layout, population);
  const engine = await Engine.open(arena, { slices: 1 });
  try {
    const contest = new Contest(arena, [engine], random);
    await contest.warmUp();
    for (let n = 0; n < sizes.repetitions; n += 1) await contest.round();
    return contest.rounds.get(engine.name) ?? [];
  } finally {
    await engine.close();
    await arena.close();
  }
}
