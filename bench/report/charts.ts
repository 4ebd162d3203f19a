import { init, type EChartsOption } from 'echarts';
import { type Machine } from './machine.js';
import { type DetailedMeasure } from './measure.js';
import { isCheck } from './verdict.js';

/** A picture of a run. */
export interface Chart {
  readonly file: string;
  readonly title: string;
  readonly svg: string;
}

const width = 860;
const colors = { met: '#2a7f62', missed: '#c0392b', reference: '#9aa5b1', text: '#333' };

/** The pictures that this run has numbers for; each says on which machine and when it was measured. */
export function chartsOf(machine: Machine, measures: readonly DetailedMeasure[]): readonly Chart[] {
  const charts = [ratios(measures), speed(measures), scaling(measures)];
  return charts.flatMap((chart) => {
    if (!chart) return [];
    const { file, title, height, option } = chart;
    return [{ file, title, svg: draw(option, title, describe(machine), height) }];
  });
}

export function describe({ cpu, cores, memoryGB, node, postgres, date, mode }: Machine): string {
  return `${mode} run, ${date.slice(0, 10)}: ${cores} cores (${cpu}), ${memoryGB} GB, PostgreSQL ${postgres}, Node ${node}`;
}

interface Drawing {
  readonly file: string;
  readonly title: string;
  readonly height: number;
  readonly option: EChartsOption;
}

/** How far each target was reached: 1 is the target, more is better, whichever way the measure counts. */
function ratios(measures: readonly DetailedMeasure[]): Drawing | null {
  const judged = measures.filter((measure) => measure.target !== null && !isCheck(measure)).toReversed();
  if (judged.length === 0) return null;
  const data = judged.map((measure) => {
    const held = measure.ratio ?? measure.value;
    const target = measure.target ?? 1;
    const reached = measure.better === 'higher' ? held / target : target / Math.max(held, target / 10);
    return {
      value: Number(Math.max(reached, 0.05).toFixed(3)),
      itemStyle: { color: measure.ok ? colors.met : colors.missed },
    };
  });
  return {
    file: 'targets.svg',
    title: 'Reached, as a multiple of the target',
    height: 110 + judged.length * 24,
    option: {
      grid: { left: 250, right: 60, top: 60, bottom: 30 },
      xAxis: { type: 'log', min: 0.1, max: 10 },
      yAxis: { type: 'category', data: judged.map(({ name }) => name) },
      series: [
        {
          type: 'bar',
          data,
          label: { show: true, position: 'right' },
          markLine: { symbol: 'none', data: [{ xAxis: 1 }], label: { formatter: 'target' } },
        },
      ],
    },
  };
}

/** Rows a second of everyone who erased. */
function speed(measures: readonly DetailedMeasure[]): Drawing | null {
  const compared = measures
    .filter((measure) => measure.unit === 'rows/s' && measure.reference !== null && !isCheck(measure))
    .toReversed();
  if (compared.length === 0) return null;
  const bars = (name: string, color: string, value: (measure: DetailedMeasure) => number | null) =>
    ({
      type: 'bar',
      name,
      itemStyle: { color },
      data: compared.map((measure) => Math.round(value(measure) ?? 0)),
      label: { show: true, position: 'right' },
    }) as const;
  return {
    file: 'speed.svg',
    title: 'Rows erased a second',
    height: 120 + compared.length * 48,
    option: {
      legend: { top: 46 },
      grid: { left: 250, right: 80, top: 80, bottom: 30 },
      xAxis: { type: 'log', min: 10 },
      yAxis: { type: 'category', data: compared.map(({ name }) => name) },
      series: [
        bars('what it is compared with', colors.reference, ({ reference }) => reference),
        bars('Expunge', colors.met, ({ value }) => value),
      ],
    },
  };
}

/** How the time grows with the people, and with the table. */
function scaling(measures: readonly DetailedMeasure[]): Drawing | null {
  const series = measures.filter(({ points }) => points.length > 1);
  if (series.length === 0) return null;
  return {
    file: 'scaling.svg',
    title: 'Seconds by people erased, and by rows in the table',
    height: 420,
    option: {
      legend: { top: 46 },
      grid: { left: 70, right: 40, top: 80, bottom: 40 },
      xAxis: { type: 'log' },
      yAxis: { type: 'log', name: 'seconds' },
      series: series.map(({ name, points }) => ({
        type: 'line',
        name,
        data: points.map(([size, seconds]) => [size, Number(seconds.toPrecision(3))]),
      })),
    },
  };
}

function draw(option: EChartsOption, title: string, subtext: string, height: number): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({
      animation: false,
      backgroundColor: '#fff',
      textStyle: { color: colors.text },
      title: { text: title, subtext, left: 10, textStyle: { fontSize: 15 } },
      ...option,
    });
    return `${chart.renderToSVGString()}\n`;
  } finally {
    chart.dispose();
  }
}
