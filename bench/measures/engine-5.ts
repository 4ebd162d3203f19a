import { BareDelete } from '../contestants/bare-delete.js';
import { Engine } from '../contestants/engine.js';
import { HandWrittenSql } from '../contestants/hand-written-sql.js';
import { TypeormLoop } from '../contestants/typeorm-loop.js';
import { compare, readingsOf } from '../frame/compare.js';
import { type Rounds } from '../frame/contest.js';
import { Arena } from '../platform/arena.js';
import { sampleLayout } from '../platform/sample-layout.js';
import { type DetailedMeasure, measure } from '../report/measure.js';
import { awayFrom, here, roundTripMs } from '../servers/distance.js';
import { contestOf, slicesFor } from './contest-of.js';
import { type Group, type GroupContext } from './group.js';

/** Persons of a slice: what the slowest takes in one run. */
const persons = 10;
/** People of little data go in larger chunks. */
const chunkPersons = 500;
const farMs = 2.5;
/** Slices that a loop takes in one run at least: far away it is slow enough with one. */
const near = { loop: 4, remove: 2 };
const far = { loop: 1, remove: 1 };

/** At 5 rows a person: the engine beside SQL, and beside what services usually do, on one host and 2.5 ms away. */
export const engine5: Group = {
  name: 'engine-5',
  async run(context) {
    const { servers, sizes } = context;
    const { slices: taken, loops } = sizes.engine5;
    const slow = [near.loop, near.remove, far.loop, far.remove].map((least) => least * loops);
    const all = [taken, taken, taken, taken, taken, ...slow];
    const slices = slicesFor(context, all, taken);
    const arena = await Arena.open(servers, sampleLayout(5), { persons: persons * slices, slices });
    try {
      return [...(await nearby(arena, context)), ...(await faraway(arena, context))];
    } finally {
      await arena.close();
    }
  },
};

async function nearby(arena: Arena, context: GroupContext): Promise<readonly DetailedMeasure[]> {
  const { slices, loops } = context.sizes.engine5;
  const url = arena.ownerUrl;
  const rounds = await contestOf(arena, context, async () => [
    await Engine.open(arena, { slices }),
    await HandWrittenSql.open(arena, { name: 'sql', url, slices, chunkPersons }),
    new BareDelete(url, slices, chunkPersons),
    await TypeormLoop.deleting(url, near.loop * loops),
    await TypeormLoop.removing(url, near.remove * loops),
  ]);
  const rtt = await roundTripMs(here.url(url));
  const judge = judgeOf(rounds, context, rtt);
  return [
    judge('engine-vs-sql/5-rows', 'sql', 0.9),
    judge('engine-vs-bare-delete/5-rows', 'bare delete', 0.7),
    judge('vs-loop/rtt-0', 'typeorm loop', 4),
    judge('vs-orm-remove/rtt-0', 'find and remove', 25),
  ];
}

async function faraway(arena: Arena, context: GroupContext): Promise<readonly DetailedMeasure[]> {
  const { slices, loops } = context.sizes.engine5;
  const distance = await awayFrom(arena.ownerUrl, farMs);
  const url = distance.url(arena.ownerUrl);
  try {
    const rounds = await contestOf(arena, context, async () => [
      await Engine.open(arena, { slices, distance, name: 'engine' }),
      await HandWrittenSql.open(arena, { name: 'sql', url, slices, chunkPersons }),
      await TypeormLoop.deleting(url, far.loop * loops),
      await TypeormLoop.removing(url, far.remove * loops),
    ]);
    const judge = judgeOf(rounds, context, await roundTripMs(url));
    return [
      judge('engine-vs-sql/5-rows/rtt-2.5', 'sql', null),
      judge('vs-loop/rtt-2.5', 'typeorm loop', 30),
      judge('vs-orm-remove/rtt-2.5', 'find and remove', 250),
    ];
  } finally {
    await distance.close();
  }
}

function judgeOf(rounds: Rounds, { sizes }: GroupContext, rttMs: number) {
  return (name: string, reference: string, target: number | null): DetailedMeasure => {
    const comparison = compare(rounds, 'engine', reference);
    return measure(
      {
        ...comparison,
        name,
        unit: 'rows/s',
        target,
        better: 'higher',
        small: sizes.name !== 'full',
        about: `${sizes.engine5.slices * persons} people of 5 rows in 10 collections a run`,
        readings: { ...readingsOf(rounds, 'engine'), 'round trip ms': rttMs },
      },
      comparison.right,
    );
  };
}
