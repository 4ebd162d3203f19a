import {
  afterLook,
  type CollectionState,
  creditOf,
  type ReclaimReason,
  reasonFor,
} from '../../src/erasure/reclaim/reclaim-state.js';
import { type Store } from '../../src/stores/store.js';
import { inTransaction } from '../../src/database/transaction.js';
import { type TestDatabase } from './postgres.js';
import { until } from './until.js';

const limits = {
  statementTimeoutMs: 30_000,
  lockTimeoutMs: 5_000,
  idleInTransactionTimeoutMs: 30_000,
  deadClientTimeoutMs: 30_000,
};

/** Looks at one collection of a store as a worker does, whenever a test wants it to. */
export class Reclaiming {
  private state: CollectionState | null = null;

  constructor(
    private readonly db: TestDatabase,
    private readonly store: Store,
    private readonly collection: string,
  ) {}

  /** Runs a statement that erases. @returns the id of its transaction */
  async erase(statement: string): Promise<number> {
    return this.db.dataSource.transaction(async (manager) => {
      await manager.query(statement);
      const [row] = await manager.query<{ id: string }[]>('SELECT pg_current_xact_id()::text AS id');
      return Number(row?.id);
    });
  }

  async look(): Promise<void> {
    const lookedOn = await inTransaction(this.db.dataSource, limits, null, async (manager) => {
      const sight = await this.store.reclaimSight(manager);
      this.state = afterLook(this.state, sight, sight.collections.get(this.collection) ?? []);
      return sight.on;
    });
    // A vacuum that ends in the same millisecond is not known to have begun after the look.
    await until(() => Promise.resolve(Date.now() > lookedOn.getTime()));
  }

  /** Looks until nobody sees any more what was erased: other tests on this server have transactions too. */
  async looksUntilUnseen(erasedBy: number): Promise<void> {
    await until(async () => {
      await this.look();
      return (this.state?.horizon ?? 0) > erasedBy;
    });
  }

  isFree(erasedBy: number): boolean {
    const credit = this.state && creditOf(this.state);
    return credit !== null && credit.below > erasedBy;
  }

  reason(erasedBy: number): ReclaimReason {
    return reasonFor(this.state, erasedBy);
  }
}
