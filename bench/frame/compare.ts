import { median, medianInterval } from '../report/statistics.js';
import { type Rounds, type TimedRun } from './contest.js';

/** How two contestants of a contest did. */
export interface Comparison {
  /** Medians, rows a second. */
  readonly value: number;
  readonly reference: number;
  /** Median of the ratios within each round, and its interval. */
  readonly ratio: number;
  readonly interval: readonly [number, number];
  readonly repetitions: number;
  /** Every run of both erased exactly whom it should. */
  readonly right: boolean;
}

/** In the rounds that both ran in: the reference may have gone on afterwards. @throws Error when one of them never ran */
export function compare(rounds: Rounds, name: string, reference: string): Comparison {
  const own = runsOf(rounds, name);
  const others = runsOf(rounds, reference).slice(0, own.length);
  const ratios = own.map((run, round) => run.rowsPerSecond / (others[round]?.rowsPerSecond ?? NaN));
  return {
    value: median(own.map(({ rowsPerSecond }) => rowsPerSecond)),
    reference: median(others.map(({ rowsPerSecond }) => rowsPerSecond)),
    ratio: median(ratios),
    interval: medianInterval(ratios),
    repetitions: ratios.length,
    right: [...own, ...others].every(({ wrong, finished }) => wrong.length === 0 && finished),
  };
}

/** Medians of what else was read while a contestant ran. */
export function readingsOf(rounds: Rounds, name: string): Readonly<Record<string, number>> {
  const runs = runsOf(rounds, name);
  const readings: Record<string, number> = {
    'wal MB': median(runs.map(({ walBytes }) => walBytes / 1e6)),
    'wal KB/row': median(runs.map(({ walBytes, rows }) => walBytes / 1e3 / Math.max(rows, 1))),
    'longest transaction ms': Math.max(0, ...runs.flatMap(({ transactionsMs }) => transactionsMs)),
  };
  const processes = runs.flatMap((run) => (run.process ? [run.process] : []));
  if (processes.length > 0) {
    readings['peak RSS MB'] = Math.max(...processes.map(({ peakRssMB }) => peakRssMB));
    readings['event loop delay p99 ms'] = median(processes.map(({ loopDelayP99Ms }) => loopDelayP99Ms));
    readings['event loop delay max ms'] = Math.max(...processes.map(({ loopDelayMaxMs }) => loopDelayMaxMs));
  }
  return readings;
}

function runsOf(rounds: Rounds, name: string): readonly TimedRun[] {
  const runs = rounds.get(name);
  if (!runs || runs.length === 0) throw new Error(`${name} never ran`);
  return runs;
}
