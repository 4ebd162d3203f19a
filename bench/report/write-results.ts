import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chartsOf } from './charts.js';
import { type Machine } from './machine.js';
import { resultsPage } from './markdown.js';
import { type DetailedMeasure } from './measure.js';
import { withResults } from './readme-block.js';

/**
 * Writes results.json, results.md, the charts, and the README's place for them; and the same results by the name of the mode,
 * so that the last full and the last quick run both stay. A void run leaves the README as it is.
 */
export async function writeResults(
  root: string,
  machine: Machine,
  measures: readonly DetailedMeasure[],
  problems: readonly string[],
): Promise<void> {
  const bench = join(root, 'bench');
  const charts = chartsOf(machine, measures);
  await mkdir(join(bench, 'charts'), { recursive: true });
  for (const { file, svg } of charts) await writeFile(join(bench, 'charts', file), svg);
  const json = `${JSON.stringify({ machine, void: problems, measures }, null, 2)}\n`;
  const page = resultsPage(machine, measures, charts, problems);
  for (const name of ['results', `results.${machine.mode}`]) {
    await writeFile(join(bench, `${name}.json`), json);
    await writeFile(join(bench, `${name}.md`), page);
  }
  if (problems.length > 0) return;
  const readme = join(root, 'README.md');
  await writeFile(readme, withResults(await readFile(readme, 'utf8'), machine, measures, charts));
}
