import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Settings } from '../../config/settings.js';
import { inTransaction } from '../../database/transaction.js';
import { ForgettingRepository } from './forgetting.repository.js';

const REQUESTS_AT_ONCE = 50;
const ROWS_AT_ONCE = 2_000;
/** One round of the sweep has more to do than this. */
const ROUND_MS = 500;

/** Forgets what is to be forgotten, in short transactions. */
@Injectable()
export class Forgetting {
  constructor(
    private readonly dataSource: DataSource,
    private readonly settings: Settings,
    private readonly rows: ForgettingRepository,
  ) {}

  /** Hides uploads that nobody will finish. @throws DatabaseFault */
  async hideAbandoned(): Promise<void> {
    await this.inTransaction((manager) => this.rows.hideAbandoned(manager, REQUESTS_AT_ONCE));
  }

  /** Hides requests whose time is over. @throws DatabaseFault */
  async hideSettled(): Promise<void> {
    const { retention } = this.settings;
    await this.inTransaction((manager) => this.rows.hideSettled(manager, retention, REQUESTS_AT_ONCE));
  }

  /** Removes what is hidden, for as long as one round of the sweep may take. @throws DatabaseFault */
  async remove(): Promise<void> {
    const end = performance.now() + ROUND_MS;
    while (await this.inTransaction((manager) => this.rows.removeSome(manager, ROWS_AT_ONCE)))
      if (performance.now() > end) return;
  }

  private async inTransaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return inTransaction(this.dataSource, this.settings, 'forget-requests', work);
  }
}
