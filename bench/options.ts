import { parseArgs } from 'node:util';
import { type Sizes } from './sizes.js';

export interface BenchOptions {
  readonly size: Sizes['name'];
  /** Print one JSON object on standard output. */
  readonly json: boolean;
  /** Groups of measures to run; empty: all. */
  readonly only: readonly string[];
  readonly seed: number;
}

export const usage = `npm run bench -- [--quick] [--json] [--only GROUP[,GROUP]] [--seed N]
  --quick   small sizes, three repetitions, under five minutes
  --tiny    as the tests run some groups: shows that it works, measures and writes nothing
  --json    one JSON object on standard output (npm prints a banner of its own: npm run --silent bench -- --json)
  --only    some groups of measures; writes no results
  --seed    of the order in which contestants take turns`;

/** @throws TypeError for what it does not know */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      tiny: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      seed: { type: 'string', default: '1' },
    },
  });
  const seed = Number(values.seed);
  if (!Number.isInteger(seed)) throw new TypeError('a seed is a whole number');
  return {
    size: values.tiny ? 'tiny' : values.quick ? 'quick' : 'full',
    json: values.json,
    only: values.only.split(',').filter((name) => name !== ''),
    seed,
  };
}
