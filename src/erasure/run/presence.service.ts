import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Settings } from '../../config/settings.js';
import { SessionLock } from '../../database/session-lock.js';
import { inTransaction } from '../../database/transaction.js';
import { StoresService } from '../../stores/stores.service.js';
import { WorkerSignsRepository } from './worker-signs.repository.js';

/** This process among the workers: says that it is there, and looks after what those left who are not. */
@Injectable()
export class Presence {
  /** Names this worker in its claims. */
  readonly id = randomUUID();
  private readonly lock: SessionLock;
  /** What the rows call this worker's lock; 0: not known yet. */
  private number = 0;

  constructor(
    private readonly dataSource: DataSource,
    private readonly settings: Settings,
    private readonly stores: StoresService,
    private readonly signs: WorkerSignsRepository,
  ) {
    this.lock = new SessionLock(settings.databaseUrl ?? '');
  }

  /**
   * Gives a sign of life, ends the leases of the dead and takes over what was cut by a data map that nobody works by any
   * more.
   *
   * @throws DatabaseFault
   */
  async show(): Promise<void> {
    const hash = this.stores.dataMapHash;
    if (this.number === 0) this.number = await this.signs.sign(this.dataSource.manager, this.id, hash, false);
    const holdsLock = await this.lock.hold(this.number);
    await inTransaction(this.dataSource, this.settings, 'look-after-workers', async (manager) => {
      this.number = await this.signs.sign(manager, this.id, hash, holdsLock);
      await this.signs.endLeasesOfDead(manager, this.id);
      // Until the platform fits our map it is not ours to say how anybody is erased.
      if (this.stores.state === 'fits')
        await this.signs.adopt(manager, hash, {
          allBots: this.stores.notCovered({ allBots: true }),
          namedBots: this.stores.notCovered({ allBots: false }),
        });
    });
  }

  /** Forgets who has long been silent. @throws DatabaseFault */
  async forget(): Promise<void> {
    await this.signs.forget(this.dataSource.manager);
  }

  /** In good order: whoever is left need not wait for this one. Never throws. */
  async leave(): Promise<void> {
    await this.signs.leave(this.dataSource.manager, this.id).catch(() => undefined);
    await this.lock.release();
  }
}
