import { Engine } from '../contestants/engine.js';
import { HandWrittenSql } from '../contestants/hand-written-sql.js';
import { allRight, Contest, type Rounds } from '../frame/contest.js';
import { type Contestant } from '../frame/contestant.js';
import { Arena } from '../platform/arena.js';
import { sampleLayout } from '../platform/sample-layout.js';
import { measure } from '../report/measure.js';
import { median, medianInterval } from '../report/statistics.js';
import { type Group, type GroupContext } from './group.js';

/** What two worker processes gain over one, against what two raw connections gain over one. */
export const workers: Group = {
  name: 'workers',
  async run(context) {
    const { sizes, random } = context;
    // Two platforms alike, in turns: workers of the one must not take the other's work.
    const single = await side(context, 1);
    const double = await side(context, 2);
    try {
      for (const { contest } of [single, double]) await contest.warmUp();
      for (let n = 0; n < sizes.repetitions; n += 1)
        for (const { contest } of random.shuffled([single, double])) await contest.round();
      const [engine, sql] = [gains(single, double, 'engine'), gains(single, double, 'sql')];
      const ratios = engine.values.map((gain, round) => gain / (sql.values[round] ?? NaN));
      return [
        measure(
          {
            name: 'workers',
            value: median(engine.values),
            unit: 'times',
            reference: median(sql.values),
            ratio: median(ratios),
            interval: medianInterval(ratios),
            repetitions: ratios.length,
            target: 0.9,
            better: 'higher',
            about: `${sizes.workers.persons} people of 5 rows; two processes of one batch at a time each, against one`,
            small: sizes.name !== 'full',
          },
          engine.right && sql.right,
        ),
      ];
    } finally {
      await single.close();
      await double.close();
    }
  },
};

interface Side {
  readonly contest: Contest;
  close(): Promise<void>;
}

async function side({ servers, sizes, random }: GroupContext, count: 1 | 2): Promise<Side> {
  const { persons } = sizes.workers;
  const slices = 2 * (1 + sizes.repetitions) + 1;
  const arena = await Arena.open(servers, sampleLayout(5), { persons: persons * slices, slices });
  const env = { EXPUNGE_WORKER_CONCURRENCY: '1' };
  const contestants: readonly Contestant[] = [
    await Engine.open(arena, { slices: 1, workers: count, env }),
    await HandWrittenSql.open(arena, {
      ...{ name: 'sql', url: arena.ownerUrl, slices: 1 },
      ...{ chunkPersons: 500, lanes: count },
    }),
  ];
  return {
    contest: new Contest(arena, contestants, random),
    close: async () => {
      for (const contestant of contestants) await contestant.close();
      await arena.close();
    },
  };
}

function gains(
  single: Side,
  double: Side,
  name: string,
): { readonly values: readonly number[]; readonly right: boolean } {
  const runs = (rounds: Rounds) => rounds.get(name) ?? [];
  const [one, two] = [runs(single.contest.rounds), runs(double.contest.rounds)];
  return {
    values: two.map(({ rowsPerSecond }, round) => rowsPerSecond / (one[round]?.rowsPerSecond ?? NaN)),
    right: allRight([...one, ...two]),
  };
}
