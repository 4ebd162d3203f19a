import { BareDelete } from '../contestants/bare-delete.js';
import { CtidLimitLoop } from '../contestants/ctid-limit-loop.js';
import { Engine } from '../contestants/engine.js';
import { HandWrittenSql } from '../contestants/hand-written-sql.js';
import { compare, readingsOf } from '../frame/compare.js';
import { Contest, type Rounds } from '../frame/contest.js';
import { type Contestant } from '../frame/contestant.js';
import { Arena } from '../platform/arena.js';
import { sampleLayout } from '../platform/sample-layout.js';
import { type DetailedMeasure, measure } from '../report/measure.js';
import { median } from '../report/statistics.js';
import { type Group, type GroupContext } from './group.js';

const twins = ['sql', 'sql, its twin'] as const;
const [leastTwin, mostTwin] = [0.9, 1.1];
/** A contestant that the bench must see to be slow: at most this share of the SQL's speed. */
const flaggedBelow = 0.5;
/** Slices that nobody ever erases. */
const bystanders = 2;

/**
 * The engine beside hand-written SQL at 50 rows a person, with what shows that the bench can be believed: two identical
 * contestants, and one that is known to be slow.
 */
export const engine50: Group = {
  name: 'engine-50',
  async run(context) {
    const { sizes, servers, random } = context;
    const { repetitions, pairRounds } = sizes;
    const { persons, controlPatienceMs } = sizes.engine50;
    const slices = 5 * (1 + repetitions) + twins.length * pairRounds + bystanders;
    const arena = await Arena.open(servers, sampleLayout(50), { persons: persons * slices, slices });
    const url = arena.ownerUrl;
    const contestants: Contestant[] = [
      await Engine.open(arena, { slices: 1 }),
      await HandWrittenSql.open(arena, { name: twins[0], url, slices: 1 }),
      await HandWrittenSql.open(arena, { name: twins[1], url, slices: 1 }),
      new BareDelete(url, 1),
      new CtidLimitLoop(url, 1, controlPatienceMs),
    ];
    try {
      const contest = new Contest(arena, contestants, random);
      await contest.warmUp();
      for (let n = 0; n < repetitions; n += 1) await contest.round();
      for (let n = 0; n < pairRounds; n += 1) await contest.round(twins);
      return measuresOf(contest.rounds, context, `${persons} people of 50 rows in 10 collections a run`);
    } finally {
      for (const contestant of contestants) await contestant.close();
      await arena.close();
    }
  },
};

function measuresOf(rounds: Rounds, { sizes }: GroupContext, about: string): readonly DetailedMeasure[] {
  const pair = compare(rounds, twins[1], twins[0]);
  const engine = compare(rounds, 'engine', 'sql');
  const bare = compare(rounds, 'engine', 'bare delete');
  const small = sizes.name !== 'full';
  const common = { unit: 'rows/s', better: 'higher', small } as const;
  return [
    measure(
      {
        ...common,
        ...pair,
        name: 'identical-pair',
        target: leastTwin,
        atMost: mostTwin,
        about: `two of the same; ${about}`,
        readings: readingsOf(rounds, 'sql'),
      },
      pair.right,
    ),
    control(rounds, small, about),
    measure(
      {
        ...common,
        ...engine,
        name: 'engine-vs-sql/50-rows',
        target: 0.9,
        about,
        readings: readingsOf(rounds, 'engine'),
      },
      engine.right,
    ),
    measure(
      {
        ...common,
        ...bare,
        name: 'engine-vs-bare-delete/50-rows',
        target: 0.7,
        about,
        readings: readingsOf(rounds, 'bare delete'),
      },
      bare.right,
    ),
  ];
}

function control(rounds: Rounds, small: boolean, about: string): DetailedMeasure {
  const { value, reference, ratio, interval, repetitions } = compare(rounds, 'ctid limit loop', 'sql');
  const runs = rounds.get('ctid limit loop') ?? [];
  return {
    ...measure({
      name: 'negative-control',
      value,
      unit: 'rows/s',
      reference,
      ratio,
      target: flaggedBelow,
      better: 'lower',
      about: `a loop known to be slow must come out slow; ${about}`,
      small,
      repetitions,
      interval,
      readings: { 'seconds until it was stopped': median(runs.map(({ seconds }) => seconds)) },
    }),
  };
}
