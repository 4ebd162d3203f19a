import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { EventLog } from '../../common/logging/event-log.js';
import { defineEvent } from '../../common/logging/event.js';
import { Settings } from '../../config/settings.js';
import { DatabaseFault } from '../../database/database-fault.js';
import { inTransaction } from '../../database/transaction.js';
import { type Store } from '../../stores/store.js';
import { StoresService } from '../../stores/stores.service.js';
import { afterLook, creditOf, type CollectionState } from './reclaim-state.js';
import { ReclaimRepository } from './reclaim.repository.js';

const failed = defineEvent('reclaim.look.failed', { code: 'code' });

/**
 * Finds out, in one worker at a time, when vacuum has freed the space of what was erased. It only looks: nothing depends on
 * it, and what happens unseen between two looks is not claimed.
 */
@Injectable()
export class ReclaimWatcher implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();
  private stopping = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly settings: Settings,
    private readonly stores: StoresService,
    private readonly repository: ReclaimRepository,
    private readonly log: EventLog,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    await this.looking;
  }

  private schedule(): void {
    if (this.stopping) return;
    const spread = 0.8 + Math.random() * 0.4;
    this.timer = setTimeout(
      () => {
        this.looking = this.look()
          .catch((error: unknown) => {
            const code = error instanceof DatabaseFault ? error.sqlState : 'UNEXPECTED';
            this.log.warn(failed, { code });
          })
          .finally(() => {
            this.schedule();
          });
      },
      this.settings.reclaimCheckSeconds * 1_000 * spread,
    );
    this.timer.unref();
  }

  /** Half the time that may lie between two looks of one process: several share them. */
  private async look(): Promise<void> {
    await inTransaction(this.dataSource, this.settings, 'watch-reclaim', async (manager) => {
      if (!(await this.repository.begin(manager, this.settings.reclaimCheckSeconds / 2))) return;
      await this.repository.forgetOtherCluster(manager);
      if (!(await this.repository.hasOpenBatches(manager))) return;
      const watched = await this.repository.watched(manager);
      const before = new Map(watched.map(({ collection, state }) => [collection, state]));
      for (const store of this.stores.all) await this.lookAt(manager, store, before);
      await this.repository.forget(manager, this.settings.retention);
    });
  }

  private async lookAt(
    manager: EntityManager,
    store: Store,
    before: ReadonlyMap<string, CollectionState>,
  ): Promise<void> {
    const sight = await store.reclaimSight(manager);
    const after = [...sight.collections].map(([collection, relations]) => ({
      collection,
      state: afterLook(before.get(collection) ?? null, sight, relations),
    }));
    await this.repository.save(manager, after);
    for (const { collection, state } of after) {
      const credit = creditOf(state);
      if (credit) await this.repository.credit(manager, collection, credit);
    }
  }
}
