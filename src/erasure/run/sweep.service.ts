import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { TokenSpender } from '../../auth/token-spender.service.js';
import { workCounters } from '../../common/metrics/work-counters.js';
import { ConfigurationError } from '../../config/configuration-error.js';
import { type Boundary, reachFaultPoint } from '../../config/fault-points.js';
import { Settings } from '../../config/settings.js';
import { DatabaseFault } from '../../database/database-fault.js';
import { inTransaction } from '../../database/transaction.js';
import { StoresService } from '../../stores/stores.service.js';
import { eachByItself } from '../each-by-itself.js';
import { SweepRepositories } from './sweep-repositories.js';

const AT_ONCE = 50;
const MARKED_AT_ONCE = 10_000;
const FORGOTTEN_AT_ONCE = 10_000;
const TIDY_EVERY_MS = 60_000;

/** Looks for what nobody works on. Waiting and orphaned work is claimed by the worker itself; this finds the rest. */
@Injectable()
export class Sweep {
  private lastCheck = Number.NEGATIVE_INFINITY;
  private lastTidy = Number.NEGATIVE_INFINITY;
  private drifted = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly settings: Settings,
    private readonly stores: StoresService,
    private readonly tokens: TokenSpender,
    private readonly repositories: SweepRepositories,
  ) {}

  /**
   * Looks at the data map for the first time. A database that does not answer yet is no reason not to start.
   *
   * @throws ConfigurationError naming every mistake in the data map
   */
  async begin(): Promise<void> {
    try {
      await this.checkDataMap();
      if (this.stores.state !== 'mistake') await this.repositories.presence.show();
    } catch (error) {
      if (!(error instanceof DatabaseFault)) throw error;
    }
    if (this.stores.state !== 'mistake') return;
    throw new ConfigurationError(
      this.stores.findings
        .filter(({ kind }) => kind === 'mistake')
        .map(({ collection, problem, remedy }) => `data map: ${collection}: ${problem}. ${remedy}`),
    );
  }

  /** One bounded round, of which no part waits for another to succeed. @throws DatabaseFault */
  async run(): Promise<void> {
    await reachFaultPoint('sweep:begun');
    const { changes, forgetting, presence } = this.repositories;
    await eachByItself([
      () => this.lookAtDataMap(),
      () => presence.show(),
      () => this.tellDrift(),
      () => this.rollUp(),
      () => changes.finishSome(),
      () => forgetting.hideAbandoned(),
      () => forgetting.remove(),
      () => this.tidyUp(),
    ]);
  }

  /** No round comes after this one: this worker leaves. Never throws. */
  async end(): Promise<void> {
    await this.repositories.presence.leave();
  }

  private async lookAtDataMap(): Promise<void> {
    // As long as it does not fit, nothing is erased: look more often.
    if (this.stores.state !== 'fits' || this.isDue(this.lastCheck, this.settings.dataMapCheckSeconds * 1000))
      await this.checkDataMap();
  }

  private async rollUp(): Promise<void> {
    const { rollUps } = this.repositories;
    const overdue = await rollUps.overdue(this.dataSource.manager, AT_ONCE);
    workCounters.sweepFinds.inc(overdue.length);
    await eachByItself(
      overdue.map(
        (requestId) => () =>
          this.inTransaction('sweep-roll-up', (manager) => rollUps.rollUp(manager, requestId)),
      ),
    );
  }

  private async tidyUp(): Promise<void> {
    if (!this.isDue(this.lastTidy, TIDY_EVERY_MS)) return;
    this.lastTidy = performance.now();
    const { forgetting, presence, sweep } = this.repositories;
    await eachByItself([
      () => presence.forget(),
      () => this.inTransaction('forget-tokens', (manager) => this.tokens.forgetExpired(manager)),
      () =>
        this.inTransaction('forget-keys', (manager) =>
          sweep.forgetIdempotencyKeys(manager, FORGOTTEN_AT_ONCE),
        ),
      () => forgetting.hideSettled(),
    ]);
  }

  private async checkDataMap(): Promise<void> {
    await this.stores.refresh();
    this.lastCheck = performance.now();
  }

  private async tellDrift(): Promise<void> {
    // A mistake that came after the start (a trigger, a rule) is the platform's drift as well.
    const drifts = this.stores.state === 'drift' || this.stores.state === 'mistake';
    const { sweep } = this.repositories;
    let marked = drifts;
    if (drifts) await this.inTransaction('mark-drift', (manager) => sweep.markDrift(manager, MARKED_AT_ONCE));
    else if (this.drifted)
      await this.inTransaction('unmark-drift', async (manager) => {
        marked = await sweep.unmarkDrift(manager, MARKED_AT_ONCE);
      });
    this.drifted = marked;
  }

  private isDue(last: number, everyMs: number): boolean {
    return performance.now() - last >= everyMs;
  }

  private async inTransaction(
    boundary: Boundary,
    work: (manager: EntityManager) => Promise<unknown>,
  ): Promise<void> {
    await inTransaction(this.dataSource, this.settings, boundary, work);
  }
}
