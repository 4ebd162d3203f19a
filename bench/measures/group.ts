import { type Random } from '../frame/random.js';
import { type DetailedMeasure } from '../report/measure.js';
import { type Sizes } from '../sizes.js';
import { type BenchServers } from '../servers/bench-servers.js';

/** What a group of measures gets from the bench. */
export interface GroupContext {
  readonly servers: BenchServers;
  readonly random: Random;
  readonly sizes: Sizes;
}

/** Measures that share a platform. */
export interface Group {
  readonly name: string;
  run(context: GroupContext): Promise<readonly DetailedMeasure[]>;
}
