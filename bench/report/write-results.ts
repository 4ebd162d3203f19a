import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chartsOf } from './charts.js';
import { type Machine } from './machine.js';
import { resultsPage } from './markdown.js';
import { type DetailedMeasure } from './measure.js';
import { withResults } from './readme-block.js';

/**
 * Writes results.json, results.md, the charts, and the README's place for them; and the same results by the name of the mode,
 * so that the last full and the last quick run both stay. A void run overwrites nothing of that: its numbers, by which to see
 * why it is void, go to results.void.json and results.void.md alone.
 *
 * @returns a sentence that says which of the two it did
 */
export async function writeResults(
  root: string,
  machine: Machine,
  measures: readonly DetailedMeasure[],
  problems: readonly string[],
): Promise<string> {
  const bench = join(root, 'bench');
  const json = `${JSON.stringify({ machine, void: problems, measures }, null, 2)}\n`;
  if (problems.length > 0) {
    await writeFile(join(bench, 'results.void.json'), json);
    await writeFile(join(bench, 'results.void.md'), resultsPage(machine, measures, [], problems));
    return 'wrote bench/results.void.* alone: the results before this run stay as they are';
  }
  const charts = chartsOf(machine, measures);
  await mkdir(join(bench, 'charts'), { recursive: true });
  for (const { file, svg } of charts) await writeFile(join(bench, 'charts', file), svg);
  const page = resultsPage(machine, measures, charts, problems);
  for (const name of ['results', `results.${machine.mode}`]) {
    await writeFile(join(bench, `${name}.json`), json);
    await writeFile(join(bench, `${name}.md`), page);
  }
  const readme = join(root, 'README.md');
  await writeFile(readme, withResults(await readFile(readme, 'utf8'), machine, measures, charts));
  return 'wrote bench/results.*, the charts and the section of the README';
}
