import { type Chart, describe } from './charts.js';
import { type Machine } from './machine.js';
import { short } from './markdown.js';
import { type DetailedMeasure } from './measure.js';
import { isCheck } from './verdict.js';

const begin = '<!-- bench: written by npm run bench -->';
const end = '<!-- bench: end -->';

/** The README with the result of this run in the place that is marked for it. @throws Error where no place is */
export function withResults(
  readme: string,
  machine: Machine,
  measures: readonly DetailedMeasure[],
  charts: readonly Chart[],
): string {
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the README has no ${begin} … ${end}`);
  return `${readme.slice(0, from + begin.length)}\n${block(machine, measures, charts)}\n${readme.slice(to)}`;
}

function block(machine: Machine, measures: readonly DetailedMeasure[], charts: readonly Chart[]): string {
  const judged = measures.filter((measure) => measure.target !== null && !isCheck(measure));
  const missed = judged.filter(({ ok }) => !ok);
  const headline = measures.find(({ name }) => name === 'headline');
  return [
    `Measured by a ${describe(machine)}. ${judged.length - missed.length} of ${judged.length} targets were met${
      missed.length === 0 ? '' : `; missed: ${missed.map(({ name }) => `\`${name}\``).join(', ')}`
    }. All numbers: [bench/results.md](bench/results.md).`,
    ...(headline ? [`\n${headline.about}: ${short(headline.value)} ${headline.unit}.`] : []),
    '',
    ...charts.map(({ file, title }) => `![${title}](bench/charts/${file})`),
  ].join('\n');
}
