import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { workCounters } from '../../common/metrics/work-counters.js';
import { type Boundary } from '../../config/fault-points.js';
import { Settings } from '../../config/settings.js';
import { ErasingDesk } from './erasing-desk.js';
import { GroupCheck } from './group-check.service.js';
import { type GroupProgress, roundOf } from './group-progress.js';
import { GroupStages, type StageOutcome } from './group-stages.service.js';
import { type Job, type Person } from './job.js';
import { Pace } from './pace/pace.js';
import { type Waiting } from './pace/waiting.js';

/**
 * So few begin at once, however gentle the pace: a call of one person should not wait for the rest that others left. What
 * they do is small beside finding out whom they mean, which waits for nobody either.
 */
const FEW = 10;
/** Of a batch that nobody has worked on before: one that was given back, as often as that may happen, has had its beginning. */
const FIRST_FENCE = '1';

/** Erases some persons of a batch, few enough to be named by one statement, and proves that they are gone. */
@Injectable()
export class GroupEraser {
  constructor(
    private readonly desk: ErasingDesk,
    private readonly check: GroupCheck,
    private readonly stages: GroupStages,
    private readonly settings: Settings,
    private readonly pace: Pace,
  ) {}

  /**
   * Records first, then the probe of everything else, the directory last of all. When this returns, each of the persons
   * has ended, one way or another.
   *
   * @throws ClaimLost, Stopping, DatabaseFault; whoever had not ended then is still open and may be erased again
   */
  async erase(job: Job, persons: readonly Person[]): Promise<void> {
    let open = persons;
    for (let round = 1; open.length > 0; round += 1)
      open = await this.round(job, open, round >= this.settings.probeRounds);
  }

  /** @returns those who are to be erased once more */
  private async round(job: Job, persons: readonly Person[], lastRound: boolean): Promise<readonly Person[]> {
    let at = roundOf(persons);
    while (at.open.length > 0) at = await this.advance(job, at, lastRound);
    return at.again;
  }

  /** One transaction, when it is its turn; it takes as much of what is to be done as it has time for. */
  private async advance(job: Job, from: GroupProgress, lastRound: boolean): Promise<GroupProgress> {
    let [began, tries] = [0, 0];
    const { progress, rows } = await this.inTurn(job, from.open.length, () =>
      this.begunWith(job, from, (manager) => {
        // Of its last try, from the fence to the commit.
        began = performance.now();
        tries += 1;
        const isOver = ({ stage }: GroupProgress): boolean =>
          performance.now() - began >= job.sizes.enoughMs ||
          // What failed with the directory must not fail again with all of the records before it.
          (stage === 'directory' && (tries > 1 || job.claim.attempts > 0));
        return this.stagesInOne(manager, job, from, lastRound, isOver);
      }),
    );
    const ms = performance.now() - began;
    if (from.stage === 'records') workCounters.chunkSeconds.observe(ms / 1_000);
    if (progress.stage === 'records') job.sizes.erased(from.open.length, rows, ms);
    else job.sizes.handled(from.open.length, ms);
    if (rows > 0 || progress.open.length === 0) job.turn.progressed();
    return progress;
  }

  private async stagesInOne(
    manager: EntityManager,
    job: Job,
    from: GroupProgress,
    lastRound: boolean,
    isOver: (at: GroupProgress) => boolean,
  ): Promise<StageOutcome> {
    const identitiesHeld = from.stage === 'directory';
    const { allowed, keys } = await this.check.begin(manager, job, from.open, identitiesHeld);
    let progress: GroupProgress = { ...from, open: allowed };
    const most = job.sizes.rows;
    const run = { manager, job, keys, identitiesHeld, lastRound, isOver: () => isOver(progress) };
    let rows = 0;
    while (progress.open.length > 0) {
      const done = await this.stages.take({ ...run, rowsLeft: most - rows }, progress);
      rows += done.rows;
      progress = done.progress;
      if (isOver(progress) || rows >= most) break;
    }
    return { progress, rows };
  }

  /** In a transaction that is named by what it begins with. */
  private async begunWith<T>(
    job: Job,
    { stage }: GroupProgress,
    work: (manager: EntityManager) => Promise<T>,
  ): Promise<T> {
    const chunk = (boundary: Boundary): Promise<T> => this.desk.inTransaction(job, boundary, work);
    switch (stage) {
      case 'records':
        return chunk('erase-chunk');
      case 'probe':
        return chunk('probe-records');
      case 'directory':
        return chunk('erase-directory');
    }
  }

  private async inTurn<T>(job: Job, persons: number, work: () => Promise<T>): Promise<T> {
    const isNew = job.turn.isFresh && job.claim.fence === FIRST_FENCE;
    const rests = persons > FEW || !isNew;
    const stopping = (): boolean => job.turn.over;
    const signOfLife = (waiting: Waiting | null): Promise<void> => this.desk.signOfLife(job, waiting);
    return this.pace.turn({ stopping, rests, signOfLife }, work);
  }
}
