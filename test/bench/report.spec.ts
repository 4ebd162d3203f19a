import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseOptions } from '../../bench/options.js';
import { chartsOf } from '../../bench/report/charts.js';
import { type Machine } from '../../bench/report/machine.js';
import { resultsPage } from '../../bench/report/markdown.js';
import { measure, plain } from '../../bench/report/measure.js';
import { withResults } from '../../bench/report/readme-block.js';
import { whyVoid } from '../../bench/report/verdict.js';
import { writeResults } from '../../bench/report/write-results.js';

const given = {
  name: 'engine-vs-sql/50-rows',
  value: 95,
  unit: 'rows/s',
  reference: 100,
  ratio: 0.95,
  target: 0.9,
  better: 'higher',
  about: 'a hundred people',
  small: true,
} as const;

const machine: Machine = {
  cpu: 'Model T',
  cores: 2,
  memoryGB: 24,
  system: 'Linux 6',
  node: 'v20.19.0',
  postgres: '18.4',
  postgresSettings: { autovacuum: 'off' },
  redis: '7.0',
  date: '2026-11-26T12:00:00.000Z',
  mode: 'quick',
  commit: 'abc',
  seconds: 1_510,
};

describe('a measure', () => {
  it('is held against its target by the ratio, or by the value where nothing is compared', () => {
    expect(measure(given).ok).toBe(true);
    expect(measure({ ...given, ratio: 0.89 }).ok).toBe(false);
    expect(measure({ ...given, better: 'lower', target: 1.5, ratio: 1.4 }).ok).toBe(true);
    const alone = { ...given, reference: null, ratio: null, better: 'lower', target: 10 } as const;
    expect(measure({ ...alone, value: 9 }).ok).toBe(true);
    expect(measure({ ...alone, value: 11 }).ok).toBe(false);
    expect(measure({ ...alone, value: NaN }).ok).toBe(false);
    expect(measure({ ...alone, value: 11, target: null }).ok).toBe(true);
  });

  it('scores nothing when a run erased the wrong people, however fast it was', () => {
    expect(measure({ ...given, ratio: 5 }, false)).toMatchObject({ value: 0, ratio: 0, ok: false });
    expect(measure({ ...given, better: 'lower', target: 10, ratio: 0.1 }, false).ok).toBe(false);
  });

  it('has exactly the fields of the JSON form, in its order', () => {
    expect(Object.keys(plain(measure(given)))).toEqual([
      'name',
      'value',
      'unit',
      'reference',
      'ratio',
      'target',
      'better',
      'ok',
    ]);
  });
});

describe('a run', () => {
  it('is void when identical contestants come out apart, or when the slow one does not come out slow', () => {
    const pair = (ratio: number) =>
      measure({ ...given, name: 'identical-pair', target: 0.9, atMost: 1.1, ratio });
    const control = measure({
      ...given,
      name: 'negative-control',
      better: 'lower',
      target: 0.5,
      ratio: 0.02,
    });
    expect(whyVoid([pair(0.91), control])).toEqual([]);
    expect(whyVoid([pair(1.09), control])).toEqual([]);
    expect(whyVoid([pair(0.89), control])).toHaveLength(1);
    expect(whyVoid([pair(1.11), control])).toHaveLength(1);
    expect(whyVoid([pair(1), { ...control, ok: false }])).toHaveLength(1);
  });

  it('is written for people with its machine, its date and what it missed', () => {
    const missed = measure({ ...given, name: 'accept', ratio: 0.4 });
    const measures = [
      measure(given),
      missed,
      measure({
        ...given,
        name: 'scaling',
        points: [
          [1, 2],
          [10, 20],
        ],
      }),
    ];
    const charts = chartsOf(machine, measures);
    expect(charts.map(({ file }) => file)).toEqual(['targets.svg', 'speed.svg', 'scaling.svg']);
    for (const { svg } of charts) expect(svg).toMatch(/^<svg [^]*Model T[^]*<\/svg>\n$/);
    const pair = measure({ ...given, name: 'identical-pair', target: 0.9, atMost: 1.1, ratio: 1 });
    const page = resultsPage(machine, [...measures, pair], charts, []);
    expect(page).toContain(
      '| engine-vs-sql/50-rows (small) | 95 rows/s | 100 rows/s | 0.95 | – | ≥ 0.9 | ok | 1 |',
    );
    expect(page).toMatch(/\| identical-pair .* \| 0\.9 to 1\.1 \| ok \|/);
    expect(page).toContain('**missed**');
    const readme = 'before\n<!-- bench: written by npm run bench -->\nold\n<!-- bench: end -->\nafter\n';
    const renewed = withResults(readme, machine, [...measures, pair], charts);
    expect(renewed).toMatch(/^before\n[^]*quick run, 2026-11-26: 2 cores[^]*missed: `accept`[^]*\nafter\n$/);
    expect(renewed).not.toContain('old');
    // The pair is asked of the bench itself: no target that Expunge met.
    expect(renewed).toContain('2 of 3 targets were met');
  });
});

describe('what a run leaves', () => {
  let root = '';

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'expunge-bench-report-'));
    await mkdir(join(root, 'bench'));
    await writeFile(
      join(root, 'README.md'),
      '<!-- bench: written by npm run bench -->\nold\n<!-- bench: end -->\n',
    );
  });

  afterEach(async () => {
    await rm(root, { recursive: true });
  });

  const everything = async (): Promise<ReadonlyMap<string, string>> => {
    const files = await readdir(root, { recursive: true, withFileTypes: true });
    const paths = files.filter((file) => file.isFile()).map(({ parentPath, name }) => join(parentPath, name));
    return new Map(
      await Promise.all(
        paths.map(async (path) => [path.slice(root.length + 1), await readFile(path, 'utf8')] as const),
      ),
    );
  };

  it('is shown: the page, the numbers, the charts and the README', async () => {
    await writeResults(root, machine, [measure(given)], []);
    const left = await everything();
    expect([...left.keys()].sort()).toEqual([
      'README.md',
      'bench/charts/speed.svg',
      'bench/charts/targets.svg',
      'bench/results.json',
      'bench/results.md',
      'bench/results.quick.json',
      'bench/results.quick.md',
    ]);
    expect(left.get('README.md')).toContain('1 of 1 targets were met');
    expect(left.get('bench/results.md')).toContain('The whole run took 1,510 seconds.');
  });

  it('stays as it was when the next run is void, whose numbers are kept apart', async () => {
    await writeResults(root, machine, [measure(given)], []);
    const before = await everything();
    const said = await writeResults(root, { ...machine, commit: 'def' }, [measure(given)], ['nobody knows']);
    expect(said).toContain('results.void');
    const after = new Map(await everything());
    expect(after.get('bench/results.void.md')).toContain('**Void: nobody knows.**');
    expect(JSON.parse(after.get('bench/results.void.json') ?? '')).toMatchObject({ void: ['nobody knows'] });
    after.delete('bench/results.void.md');
    after.delete('bench/results.void.json');
    expect(after).toEqual(before);
  });
});

describe('the options', () => {
  it('are the documented ones', () => {
    expect(parseOptions([])).toEqual({ size: 'full', json: false, only: [], seed: 1 });
    expect(parseOptions(['--quick', '--json', '--only', 'a,b', '--seed', '7'])).toEqual({
      size: 'quick',
      json: true,
      only: ['a', 'b'],
      seed: 7,
    });
    expect(() => parseOptions(['--fast'])).toThrow();
    expect(() => parseOptions(['--seed', 'x'])).toThrow();
  });
});
