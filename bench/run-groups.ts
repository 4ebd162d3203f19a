import { progress } from './frame/progress.js';
import { Random } from './frame/random.js';
import { headline } from './measures/headline.js';
import { neighbour } from './measures/neighbour.js';
import { people } from './measures/people.js';
import { scalingTable } from './measures/scaling-table.js';
import { workers } from './measures/workers.js';
import { accept } from './measures/accept.js';
import { accept10k } from './measures/accept-10k.js';
import { firstDelete } from './measures/first-delete.js';
import { engine5 } from './measures/engine-5.js';
import { engine50 } from './measures/engine-50.js';
import { type Group } from './measures/group.js';
import { type BenchOptions } from './options.js';
import { type DetailedMeasure } from './report/measure.js';
import { type BenchServers } from './servers/bench-servers.js';
import { sizes } from './sizes.js';

/** In this order. The last one makes do with the time that is left. */
export const groups: readonly Group[] = [
  engine50,
  engine5,
  neighbour,
  accept,
  accept10k,
  firstDelete,
  workers,
  scalingTable,
  headline,
  people,
];

/** Runs the groups asked for, one after the other. @throws Error for a group that there is not */
export async function runGroups(
  servers: BenchServers,
  { size, only, seed }: BenchOptions,
): Promise<readonly DetailedMeasure[]> {
  for (const name of only)
    if (!groups.some((group) => group.name === name))
      throw new Error(`no group ${name}: there are ${groups.map((group) => group.name).join(', ')}`);
  const measures: DetailedMeasure[] = [];
  for (const group of groups) {
    if (only.length > 0 && !only.includes(group.name)) continue;
    progress(group.name);
    const context = { servers, random: new Random(seed), sizes: sizes[size] };
    for (const measure of await group.run(context)) {
      measures.push(measure);
      const { name, value, unit, ratio, ok } = measure;
      const held = ratio === null ? '' : `, ratio ${ratio.toFixed(2)}`;
      progress(`${ok ? 'ok    ' : 'MISSED'}  ${name}: ${value.toPrecision(4)} ${unit}${held}`);
    }
  }
  return measures;
}
