import { Contest, type Rounds } from '../frame/contest.js';
import { type Contestant } from '../frame/contestant.js';
import { type Arena } from '../platform/arena.js';
import { type GroupContext } from './group.js';

/** Lets them take turns as often as the sizes say, after a warm-up, and closes them. */
export async function contestOf(
  arena: Arena,
  { random, sizes }: GroupContext,
  open: () => Promise<readonly Contestant[]>,
): Promise<Rounds> {
  const contestants = await open();
  try {
    const contest = new Contest(arena, contestants, random);
    await contest.warmUp();
    for (let n = 0; n < sizes.repetitions; n += 1) await contest.round();
    return contest.rounds;
  } finally {
    for (const contestant of contestants) await contestant.close();
  }
}

/** Slices of an arena in which contestants that take so many each run as often as the sizes say; some stay for nobody. */
export function slicesFor({ sizes }: GroupContext, taken: readonly number[], bystanders: number): number {
  return taken.reduce((sum, slices) => sum + slices, 0) * (1 + sizes.repetitions) + bystanders;
}
