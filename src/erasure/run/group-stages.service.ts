import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { reachFaultPoint } from '../../config/fault-points.js';
import {
  type Cursor,
  type ErasedRows,
  type PersonKeys,
  type Phase,
  type RemainingRows,
} from '../../stores/store.js';
import { StoresService } from '../../stores/stores.service.js';
import { hasNewIdentity } from './current-keys.service.js';
import { GroupCheck } from './group-check.service.js';
import { among, type GroupProgress, nothingReadBack, type ReadBackProgress } from './group-progress.js';
import { type Job } from './job.js';
import { verdictOf } from './verdict.js';

/** The transaction in which a stage is done. */
export interface StageRun {
  readonly manager: EntityManager;
  readonly job: Job;
  /** By which it erases: of everybody who was open when it began. The directory's are read again, unless identities were held. */
  readonly keys: readonly PersonKeys[];
  /** Nobody gains or loses an identity before it ends. */
  readonly identitiesHeld: boolean;
  /** What is still erasable is FAILED, not tried again. */
  readonly lastRound: boolean;
  /** Whether it has lasted so long that it should end. */
  readonly isOver: () => boolean;
  /** Rows that it may still remove. */
  readonly rowsLeft: number;
}

/** What a stage, or several in one transaction, came to, and the rows that went. */
export interface StageOutcome {
  readonly progress: GroupProgress;
  readonly rows: number;
}

/** The stages of a group, each inside a transaction that has looked whom it may erase. */
@Injectable()
export class GroupStages {
  constructor(
    private readonly check: GroupCheck,
    private readonly stores: StoresService,
  ) {}

  /** @throws DatabaseFault */
  async take(run: StageRun, at: GroupProgress): Promise<StageOutcome> {
    switch (at.stage) {
      case 'records':
        return this.eraseRecords(run, at);
      case 'probe':
        return this.probeRecords(run, at);
      case 'directory':
        return this.eraseDirectory(run, at);
    }
  }

  /** Takes steps until all records are gone, or the transaction has removed enough rows or lasted long enough. */
  private async eraseRecords(run: StageRun, at: GroupProgress): Promise<StageOutcome> {
    const { manager, job, keys } = run;
    const erased: ErasedRows[] = [];
    const { claim, scope } = job;
    let { stores, from } = at;
    let rows = 0;
    for (let store = this.stores.all[stores]; store; store = this.stores.all[stores]) {
      if (erased.length > 0) await reachFaultPoint('erase-chunk:between-collections');
      const most = run.rowsLeft - rows;
      const step = await store.erase(manager, 'records', claim.batchId, keys, scope, from, most);
      erased.push(...step.erased);
      rows += step.erased.reduce((sum, row) => sum + row.rows, 0);
      from = step.next;
      if (from === null) stores += 1;
      if (rows >= run.rowsLeft || run.isOver()) break;
    }
    await this.check.record(manager, job, erased);
    const through = stores === this.stores.all.length;
    return { progress: { ...at, stage: through ? 'probe' : 'records', stores, from }, rows };
  }

  /** What was overwritten is read back first, in as many transactions as it takes; then one looks for everything else. */
  private async probeRecords(run: StageRun, at: GroupProgress): Promise<StageOutcome> {
    const { manager, job, keys } = run;
    await reachFaultPoint('records:erased');
    const readBack = await this.readBack(run, 'records', keys, at.readBack, run.isOver);
    if (readBack.stores < this.stores.all.length) return { progress: { ...at, readBack }, rows: 0 };
    const left = await this.probe(run, 'records', keys, readBack);
    const verdict = verdictOf(keys, left, run.lastRound);
    await this.check.settle(manager, job, verdict.failed);
    const { clean, again } = verdict;
    return {
      progress: {
        ...at,
        stage: 'directory',
        open: among(at.open, clean),
        probed: clean,
        again: among(at.open, again),
      },
      rows: 0,
    };
  }

  /**
   * The last of a person: who holds which role and which identity stands still until the transaction commits, so nothing
   * that is needed to find rows goes before those rows are gone.
   */
  private async eraseDirectory(run: StageRun, at: GroupProgress): Promise<StageOutcome> {
    const { manager, job } = run;
    if (!run.identitiesHeld) await this.check.holdIdentities(manager, at.open);
    const keys = run.identitiesHeld ? run.keys : await this.check.keys(manager, job, at.open);
    await reachFaultPoint('directory:held');
    const before = new Map(at.probed.map((probed) => [probed.person, probed]));
    const changed = keys.filter((now) => hasNewIdentity(before.get(now.person) ?? now, now));
    const steady = keys.filter((now) => !changed.includes(now));
    if (steady.length > 0) await this.check.record(manager, job, await this.eraseWhole(run, steady));
    await reachFaultPoint('directory:erased');
    const left = steady.length > 0 ? await this.probeDirectory(run, steady) : [];
    const unprobed = changed.map(
      ({ person }) => ({ person, collection: '', reason: 'DATA_REMAINS' }) as const,
    );
    const verdict = verdictOf(keys, [...left, ...unprobed], run.lastRound);
    await this.check.settle(manager, job, verdict.failed);
    await this.check.succeed(manager, job, verdict.clean);
    const again = [...at.again, ...among(at.open, verdict.again)];
    return { progress: { ...at, open: [], again }, rows: 0 };
  }

  private async eraseWhole(
    { manager, job }: StageRun,
    keys: readonly PersonKeys[],
  ): Promise<readonly ErasedRows[]> {
    const { claim, scope, sizes } = job;
    const erased: ErasedRows[] = [];
    for (const store of this.stores.all) {
      let next: Cursor | null = null;
      do {
        const step = await store.erase(manager, 'directory', claim.batchId, keys, scope, next, sizes.rows);
        erased.push(...step.erased);
        next = step.next;
      } while (next !== null);
    }
    return erased;
  }

  /** In one transaction: what it erased is as little as there are persons. */
  private async probeDirectory(
    run: StageRun,
    keys: readonly PersonKeys[],
  ): Promise<readonly RemainingRows[]> {
    const whole = await this.readBack(run, 'directory', keys, nothingReadBack, () => false);
    return this.probe(run, 'directory', keys, whole);
  }

  /** Takes steps until all was read back, or it is over. */
  private async readBack(
    { manager, job }: StageRun,
    phase: Phase,
    keys: readonly PersonKeys[],
    begun: ReadBackProgress,
    isOver: () => boolean,
  ): Promise<ReadBackProgress> {
    let at = begun;
    for (let store = this.stores.all[at.stores]; store; store = this.stores.all[at.stores]) {
      const { remaining, next } = await store.readBack(manager, phase, job.claim.batchId, keys, at.from);
      at = {
        stores: next ? at.stores : at.stores + 1,
        from: next,
        remaining: [...at.remaining, ...remaining],
      };
      // Only amid much: what little there is costs no transaction of its own.
      if (next && isOver()) break;
    }
    return at;
  }

  private async probe(
    { manager, job }: StageRun,
    phase: Phase,
    keys: readonly PersonKeys[],
    { remaining }: ReadBackProgress,
  ): Promise<readonly RemainingRows[]> {
    const left: RemainingRows[] = [];
    for (const store of this.stores.all)
      left.push(...(await store.probe(manager, phase, keys, job.scope, remaining)));
    return left;
  }
}
