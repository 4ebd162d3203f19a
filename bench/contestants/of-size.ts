import { type Contestant } from '../frame/contestant.js';

/** The same contestant at another size: more or fewer slices a run. Closed by whoever opened it. */
export function ofSize(contestant: Contestant, name: string, slices: number): Contestant {
  return { name, slices, run: (slice) => contestant.run(slice), close: () => Promise.resolve() };
}
