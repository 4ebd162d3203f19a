import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { TokenSpender } from '../../auth/token-spender.service.js';
import { Settings } from '../../config/settings.js';
import { inTransaction } from '../../database/transaction.js';
import { StoresService } from '../../stores/stores.service.js';
import { RollUpRepository } from './roll-up.repository.js';
import { SweepRepository } from './sweep.repository.js';

const AT_ONCE = 50;
const MARKED_AT_ONCE = 10_000;
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

  /** One bounded round. @throws DatabaseFault */
  async run(): Promise<void> {
    if (this.isDue(this.lastCheck, this.settings.dataMapCheckSeconds * 1000)) {
      await this.stores.refresh();
      this.lastCheck = performance.now();
    }
    await this.tellDrift();
    const { rollUps, sweep } = this.repositories;
    for (const requestId of await rollUps.overdue(this.dataSource.manager, AT_ONCE))
      await this.inTransaction((manager) => rollUps.rollUp(manager, requestId));
    if (!this.isDue(this.lastTidy, TIDY_EVERY_MS)) return;
    this.lastTidy = performance.now();
    await this.inTransaction((manager) => this.tokens.forgetExpired(manager));
    await this.inTransaction((manager) => sweep.forgetSettled(manager, this.settings.retention, AT_ONCE));
  }

  private async tellDrift(): Promise<void> {
    const drifts = this.stores.state === 'drift';
    const { sweep } = this.repositories;
    if (drifts) await this.inTransaction((manager) => sweep.markDrift(manager, MARKED_AT_ONCE));
    else if (this.drifted) await this.inTransaction((manager) => sweep.unmarkDrift(manager));
    this.drifted = drifts;
  }

  private isDue(last: number, everyMs: number): boolean {
    return performance.now() - last >= everyMs;
  }

  private async inTransaction(work: (manager: EntityManager) => Promise<unknown>): Promise<void> {
    await inTransaction(this.dataSource, this.settings, work);
  }
}

/** The rows that the sweep looks at. */
@Injectable()
export class SweepRepositories {
  constructor(
    readonly rollUps: RollUpRepository,
    readonly sweep: SweepRepository,
  ) {}
}
