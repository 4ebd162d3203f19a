import { type Chart, describe } from './charts.js';
import { type Machine } from './machine.js';
import { type DetailedMeasure } from './measure.js';

/** The run as a page for people. @param problems why the run is void; empty when it counts */
export function resultsPage(
  machine: Machine,
  measures: readonly DetailedMeasure[],
  charts: readonly Chart[],
  problems: readonly string[],
): string {
  const { date, commit, system, redis, postgresSettings, seconds } = machine;
  const settings = Object.entries(postgresSettings).map(([name, value]) => `\`${name} = ${value}\``);
  return [
    '# What was measured',
    '',
    `Written by \`npm run bench\`. ${describe(machine)}, ${system}, Redis ${redis}, commit ${commit}, ${date}. The whole run took ${seconds.toLocaleString('en-US')} seconds.`,
    `PostgreSQL differs from its defaults by ${settings.join(', ')}; a checkpoint before each run. Ratios are medians of the ratios within each repetition.`,
    ...problems.map((problem) => `\n**Void: ${problem}.**`),
    '',
    '| measure | value | compared with | ratio | interval | target | | repetitions |',
    '|---|---:|---:|---:|---:|---:|---|---:|',
    ...measures.map(row),
    '',
    ...charts.map(({ file, title }) => `![${title}](charts/${file})\n`),
    '## In detail',
    '',
    ...measures.map(detail),
    '',
  ].join('\n');
}

function row(measure: DetailedMeasure): string {
  const { name, value, unit, reference, ratio, interval, target, ok, repetitions, small } = measure;
  const cells = [
    `${name}${small ? ' (small)' : ''}`,
    `${short(value)} ${unit}`,
    reference === null ? '–' : `${short(reference)} ${unit}`,
    ratio === null ? '–' : short(ratio),
    interval === null ? '–' : interval.map(short).join(' – '),
    rule(measure),
    target === null ? '' : ok ? 'ok' : '**missed**',
    String(repetitions),
  ];
  return `| ${cells.join(' | ')} |`;
}

function rule({ target, atMost, better }: DetailedMeasure): string {
  if (target === null) return 'reported';
  if (atMost !== null) return `${short(target)} to ${short(atMost)}`;
  return `${better === 'higher' ? '≥' : '≤'} ${short(target)}`;
}

function detail({ name, about, readings, points }: DetailedMeasure): string {
  const read = Object.entries(readings).map(([what, value]) => `${what} ${short(value)}`);
  const drawn = points.map(([size, seconds]) => `${size}: ${short(seconds)} s`);
  return `- **${name}**: ${[about, ...read, ...drawn].join('; ')}`;
}

/** Three significant digits, and thousands apart. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return 'none';
  return Number(value.toPrecision(3)).toLocaleString('en-US', { maximumFractionDigits: 4 });
}
