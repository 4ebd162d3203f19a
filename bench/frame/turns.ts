import { type Random } from './random.js';

/** Someone who can be measured again and again. */
export interface Turn<Result> {
  readonly name: string;
  run(): Promise<Result>;
  /** Instead of the run that does not count, where one run is too short for it. */
  warmUp?(): Promise<unknown>;
}

/**
 * Everyone warms up, by a run that is not counted if not otherwise; then they run as often as asked, each round in another
 * random order.
 *
 * @param before called before each turn
 * @returns results by name, in the order of the rounds
 */
export async function takeTurns<Result>(
  turns: readonly Turn<Result>[],
  rounds: number,
  random: Random,
  before: () => Promise<unknown>,
): Promise<ReadonlyMap<string, readonly Result[]>> {
  for (const turn of turns) await (turn.warmUp?.() ?? turn.run());
  const results = new Map<string, Result[]>(turns.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1)
    for (const turn of random.shuffled(turns)) {
      await before();
      results.get(turn.name)?.push(await turn.run());
    }
  return results;
}

/** @throws Error when nobody of this name took turns */
export function resultsOf<Result>(
  results: ReadonlyMap<string, readonly Result[]>,
  name: string,
): readonly Result[] {
  const found = results.get(name);
  if (!found || found.length === 0) throw new Error(`${name} took no turn`);
  return found;
}
