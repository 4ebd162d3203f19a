import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { workCounters } from '../../common/metrics/work-counters.js';
import { type Boundary, reachFaultPoint } from '../../config/fault-points.js';
import { Settings } from '../../config/settings.js';
import { type Cursor, type ErasedRows, type PersonKeys, type Phase, type Store } from '../../stores/store.js';
import { StoresService } from '../../stores/stores.service.js';
import { ErasingDesk } from './erasing-desk.js';
import { type Job, type Person } from './job.js';
import { Pace } from './pace/pace.js';
import { type Waiting } from './pace/waiting.js';
import { hasNewIdentity } from './current-keys.service.js';
import { GroupCheck } from './group-check.service.js';
import { verdictOf } from './verdict.js';

/** Erases some persons of a batch, few enough to be named by one statement, and proves that they are gone. */
@Injectable()
export class GroupEraser {
  constructor(
    private readonly desk: ErasingDesk,
    private readonly check: GroupCheck,
    private readonly stores: StoresService,
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
    for (let round = 1; open.length > 0; round += 1) {
      const lastRound = round >= this.settings.probeRounds;
      for (const store of this.stores.all) open = await this.eraseRecords(job, store, open);
      if (open.length === 0) return;
      await reachFaultPoint('records:erased');
      const { clean, again } = await this.probeRecords(job, open, lastRound);
      const changed = clean.length > 0 ? await this.eraseDirectory(job, open, clean, lastRound) : [];
      job.turn.progressed();
      const unfinished = new Set([...again, ...changed].map(({ person }) => person));
      open = open.filter(({ id }) => unfinished.has(id));
    }
  }

  /** @returns those who are still to be erased: someone may have become protected meanwhile */
  private async eraseRecords(job: Job, store: Store, persons: readonly Person[]): Promise<readonly Person[]> {
    let open = persons;
    let from: Cursor | null = null;
    do {
      const at: Cursor | null = from;
      const { result, ms } = await this.chunk(job, 'erase-chunk', async (manager) => {
        const { allowed, keys } = await this.check.begin(manager, job, open);
        if (keys.length === 0) return { allowed, rows: 0, next: null };
        const { erased, rows, next } = await this.eraseFor(manager, job, store, keys, at);
        await this.check.record(manager, job, erased);
        return { allowed, rows, next };
      });
      workCounters.chunkSeconds.observe(ms / 1_000);
      job.sizes.erased(open.length, result.rows, ms);
      if (result.rows > 0) job.turn.progressed();
      open = result.allowed;
      from = result.next;
    } while (from !== null && open.length > 0);
    return open;
  }

  /** Takes steps until the phase is through, or the transaction has removed enough rows or lasted long enough. */
  private async eraseFor(
    manager: EntityManager,
    job: Job,
    store: Store,
    keys: readonly PersonKeys[],
    from: Cursor | null,
  ): Promise<{
    readonly erased: readonly ErasedRows[];
    readonly rows: number;
    readonly next: Cursor | null;
  }> {
    const { claim, scope } = job;
    const maxRows = job.sizes.rows;
    const began = performance.now();
    const erased: ErasedRows[] = [];
    let next = from;
    let rows = 0;
    do {
      if (erased.length > 0) await reachFaultPoint('erase-chunk:between-collections');
      const step = await store.erase(manager, 'records', claim.batchId, keys, scope, next, maxRows - rows);
      erased.push(...step.erased);
      rows += step.erased.reduce((sum, row) => sum + row.rows, 0);
      next = step.next;
    } while (next !== null && rows < maxRows && performance.now() - began < this.settings.chunkMs);
    return { erased, rows, next };
  }

  private async probeRecords(
    job: Job,
    persons: readonly Person[],
    lastRound: boolean,
  ): Promise<{ readonly clean: readonly PersonKeys[]; readonly again: readonly PersonKeys[] }> {
    const { result, ms } = await this.chunk(job, 'probe-records', async (manager) => {
      const keys = await this.check.keys(manager, job, persons);
      const verdict = verdictOf(keys, await this.probe(manager, job, 'records', keys), lastRound);
      await this.check.settle(manager, job, verdict.failed);
      return verdict;
    });
    job.sizes.handled(persons.length, ms);
    return result;
  }

  /**
   * The last transaction of a person: who holds which role and which identity stands still until it commits, so nothing
   * that is needed to find rows goes before those rows are gone.
   *
   * @returns those who are to be erased once more
   */
  private async eraseDirectory(
    job: Job,
    persons: readonly Person[],
    probed: readonly PersonKeys[],
    lastRound: boolean,
  ): Promise<readonly PersonKeys[]> {
    const before = new Map(probed.map((keys) => [keys.person, keys]));
    const candidates = persons.filter(({ id }) => before.has(id));
    const { result, ms } = await this.chunk(job, 'erase-directory', async (manager) => {
      const { keys } = await this.check.beginLast(manager, job, candidates);
      await reachFaultPoint('directory:held');
      const changed = keys.filter((now) => hasNewIdentity(before.get(now.person) ?? now, now));
      const steady = keys.filter((now) => !changed.includes(now));
      if (steady.length > 0)
        await this.check.record(manager, job, await this.eraseWhole(manager, job, steady));
      await reachFaultPoint('directory:erased');
      const left = steady.length > 0 ? await this.probe(manager, job, 'directory', steady) : [];
      const unprobed = changed.map(
        ({ person }) => ({ person, collection: '', reason: 'DATA_REMAINS' }) as const,
      );
      const verdict = verdictOf(keys, [...left, ...unprobed], lastRound);
      await this.check.settle(manager, job, verdict.failed);
      await this.check.succeed(manager, job, verdict.clean);
      return verdict.again;
    });
    job.sizes.handled(candidates.length, ms);
    return result;
  }

  /**
   * One transaction, when it is its turn.
   * @returns how long its last try lasted as well, from the fence to the commit
   */
  private async chunk<T>(
    job: Job,
    boundary: Boundary,
    work: (manager: EntityManager) => Promise<T>,
  ): Promise<{ readonly result: T; readonly ms: number }> {
    const stopping = (): boolean => job.turn.over;
    const signOfLife = (waiting: Waiting | null): Promise<void> => this.desk.signOfLife(job, waiting);
    return this.pace.turn({ stopping, signOfLife }, async () => {
      let began = 0;
      const result = await this.desk.inTransaction(job, boundary, (manager) => {
        began = performance.now();
        return work(manager);
      });
      return { result, ms: performance.now() - began };
    });
  }

  private async eraseWhole(
    manager: EntityManager,
    job: Job,
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

  private async probe(manager: EntityManager, job: Job, phase: Phase, keys: readonly PersonKeys[]) {
    const remaining = [];
    for (const store of this.stores.all)
      remaining.push(...(await store.probe(manager, phase, job.claim.batchId, keys, job.scope)));
    return remaining;
  }
}
