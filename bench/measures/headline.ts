import { Engine } from '../contestants/engine.js';
import { Arena } from '../platform/arena.js';
import { allRight, Contest } from '../frame/contest.js';
import { threeTablesLayout } from '../platform/three-tables-layout.js';
import { measure } from '../report/measure.js';
import { median, medianInterval } from '../report/statistics.js';
import { type Group } from './group.js';

/** What Segment, whose limits are published, lets its customers delete in a month: 110,000 people. How long does it take here? */
export const headline: Group = {
  name: 'headline',
  async run({ servers, sizes, random }) {
    const { persons, rounds } = sizes.headline;
    const slices = rounds + 1;
    const layout = threeTablesLayout({ sessions: 5, messages: 5, events: 5 });
    const arena = await Arena.open(servers, layout, { persons: persons * slices, slices });
    const engine = await Engine.open(arena, { slices: 1 });
    try {
      const contest = new Contest(arena, [engine], random);
      for (let n = 0; n < rounds; n += 1) await contest.round();
      const runs = contest.rounds.get(engine.name) ?? [];
      const seconds = runs.map((run) => run.seconds);
      const rows = persons * layout.rowsPerPerson;
      return [
        measure(
          {
            name: 'headline',
            value: median(seconds),
            unit: 's',
            reference: null,
            ratio: null,
            target: null,
            better: 'lower',
            about: `${persons.toLocaleString('en-US')} people, ${rows.toLocaleString('en-US')} rows in 3 tables, counted and checked, by one worker process`,
            small: sizes.name !== 'full',
            repetitions: rounds,
            interval: medianInterval(seconds),
            readings: { 'rows/s': rows / median(seconds), 'people/s': persons / median(seconds) },
          },
          allRight(runs),
        ),
      ];
    } finally {
      await engine.close();
      await arena.close();
    }
  },
};
