import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { auditedDataMap, type Redone } from './audit.js';
import { type CrashCase, crashCases } from './crash-case.js';
import { CrashProcess } from './crash-process.js';
import { CHUNK_ROWS, Lane } from './lane.js';
import { stage } from './stage.js';

/** Services that one process takes with it. */
const AT_ONCE = 16;

interface Verdict {
  readonly stoodThere: boolean;
  readonly outcomes: readonly string[];
  readonly offences: readonly string[];
  /** At most one transaction is done again, counted in chunks of records; where transactions fail for another reason it is not counted. */
  readonly redoneChunks: number;
  /** The same without the directory's rows. */
  readonly redoneRecordChunks: number;
}

/** Where the service stands still beside its worker, which goes on: the kill may hit it at any stage of a transaction. */
const besideTheWorker =
  /^(accept(-alone)?|complete-upload|wake-up|sweep|look-after-workers|(un)?mark-drift|forget-(tokens|keys|requests)|watch-reclaim):/;

/** A transaction that goes through all stages of a group has its directory rows on top of what it takes of the records. */
function mostRedone({ at, stagesApart }: CrashCase): number {
  const mayHaveDirectory = at.startsWith('directory:') || besideTheWorker.test(at);
  return mayHaveDirectory && !stagesApart ? 2 : 1;
}

/** Cases of one queue go to the lanes of that queue, in rounds. */
function roundsOf(lanes: readonly Lane[], queue: CrashCase['queue']): readonly CrashCase[][] {
  const cases = crashCases.filter((crash) => crash.queue === queue);
  const rounds = [];
  for (let first = 0; first < cases.length; first += lanes.length)
    rounds.push(cases.slice(first, first + lanes.length));
  return rounds;
}

function nameOf({ at, nth, queue, stagesApart }: CrashCase): string {
  return `${at} for time ${nth}, ${queue}${stagesApart ? ', each stage by itself' : ''}`;
}

describe('a crash at every fault point, with both queues', () => {
  const lanes: Record<CrashCase['queue'], Lane[]> = { bull: [], 'in-process': [] };
  const verdicts = new Map<CrashCase, Verdict>();
  const expected = new Map<CrashCase, readonly string[]>();
  let directory: string;
  let host: CrashProcess;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'expunge-crashes-'));
    const dataMap = await auditedDataMap(join(directory, 'data-map.yaml'));
    host = await CrashProcess.build();
    for (const queue of ['bull', 'in-process'] as const)
      for (let n = 0; n < AT_ONCE / 2; n += 1) lanes[queue].push(await Lane.open(queue, dataMap));
    const bull = roundsOf(lanes.bull, 'bull');
    const inProcess = roundsOf(lanes['in-process'], 'in-process');
    for (const [number, cases] of bull.entries()) await crashAll([...cases, ...(inProcess[number] ?? [])]);
  }, 900_000);

  afterAll(async () => {
    await host.remove();
    for (const lane of [...lanes.bull, ...lanes['in-process']]) await lane.close();
    await rm(directory, { recursive: true, force: true });
  });

  /** One process, one crash of each of its services, and what the next ones made of it. */
  async function crashAll(cases: readonly CrashCase[]): Promise<void> {
    const free = { bull: [...lanes.bull], 'in-process': [...lanes['in-process']] };
    const crashes = await Promise.all(
      cases.map(async (crash) => {
        const lane = free[crash.queue].shift();
        if (!lane) throw new Error('more cases than lanes');
        return { crash, lane, redoneBefore: await lane.redone(), staged: await stage(lane, crash) };
      }),
    );
    const begun: Promise<void>[] = [];
    const standing = await host.crash(
      crashes.map(({ crash, lane }) => lane.hosted(crash)),
      (index, url) => begun.push(crashes[index]?.staged.started(url) ?? Promise.resolve()),
    );
    await Promise.all(begun);
    await Promise.all(
      crashes.map(async ({ crash, lane, redoneBefore, staged }, index) => {
        await staged.undo();
        await lane.recover();
        expected.set(crash, staged.outcomes.toSorted());
        const failsOtherwise = ['poisoned', 'locked'].includes(crash.situation);
        const redone = await lane.redone();
        const chunksSince = (part: keyof Redone): number =>
          failsOtherwise ? 0 : (redone[part] - redoneBefore[part]) / CHUNK_ROWS;
        verdicts.set(crash, {
          stoodThere: standing[index] ?? false,
          outcomes: (await lane.outcomes()).filter(
            (outcome) => ![...staged.whatever, 'NOT_FOUND nothing'].includes(outcome),
          ),
          offences: await lane.offences(),
          redoneChunks: chunksSince('rows'),
          redoneRecordChunks: chunksSince('records'),
        });
      }),
    );
  }

  it.each(crashCases.map((crash) => [nameOf(crash), crash] as const))('%s', (_name, crash) => {
    const verdict = verdicts.get(crash);
    expect(verdict).toEqual({
      stoodThere: true,
      outcomes: expected.get(crash),
      offences: [],
      redoneChunks: verdict?.redoneChunks,
      redoneRecordChunks: verdict?.redoneRecordChunks,
    });
    expect(verdict?.redoneRecordChunks).toBeLessThanOrEqual(1);
    expect(verdict?.redoneChunks).toBeLessThanOrEqual(mostRedone(crash));
  });
});
