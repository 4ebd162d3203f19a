import { randomUUID } from 'node:crypto';
import { type DataSource, type EntityManager } from 'typeorm';
import { type TransactionLimits, inTransaction } from '../../src/database/transaction.js';
import {
  type Cursor,
  type EraseStep,
  type Finding,
  type IdentityKey,
  type PersonKeys,
  type Phase,
  type ReadBackStep,
  type RemainingRows,
  type Scope,
  type Store,
  type ValueHit,
  type ValueQuery,
} from '../../src/stores/store.js';
import { oneConnection, type TestDatabase } from './postgres.js';

const limits: TransactionLimits = {
  statementTimeoutMs: 30_000,
  lockTimeoutMs: 5_000,
  idleInTransactionTimeoutMs: 30_000,
  deadClientTimeoutMs: 0,
};

/** Rows erased, by `person collection`. */
export type Erased = Readonly<Record<string, number>>;

/** Drives a store through the phases of a batch as the eraser does, each step in a transaction of its own. */
export class StoreDriver {
  private persons = 0;

  private constructor(
    readonly store: Store,
    readonly batchId: string,
    /** Whose role the store works under. */
    private readonly dataSource: DataSource,
  ) {}

  static async with(db: TestDatabase, store: Store, dataSource = db.dataSource): Promise<StoreDriver> {
    const request = `eud-${randomUUID()}`;
    await db.run(
      `INSERT INTO expunge.erasure_requests (id, account_id, client_id, all_bots, bot_ids, received_on, due_on, not_before,
         created_on, last_updated_on, total, mac)
       VALUES ($1, 'a', 'c', true, '{}', now(), now(), now(), now(), now(), 1, '')`,
      [request],
    );
    const [batch] = await db.run<{ id: string }>(
      `INSERT INTO expunge.erasure_batches (request_id, account_id, not_before, data_map_hash)
       VALUES ($1, 'a', now(), '') RETURNING id`,
      [request],
    );
    return new StoreDriver(store, batch?.id ?? '', dataSource);
  }

  /** The same batch, worked on over connections of its own. Close them. */
  static async elsewhere(
    db: TestDatabase,
    other: StoreDriver,
  ): Promise<{ readonly driver: StoreDriver; close(): Promise<void> }> {
    const dataSource = await oneConnection(db.url);
    const driver = new StoreDriver(other.store, other.batchId, dataSource);
    return { driver, close: () => dataSource.destroy() };
  }

  /** The keys of a new person; nothing of them is known but what is given. */
  person(keys: Partial<PersonKeys> = {}): PersonKeys {
    this.persons += 1;
    return {
      person: String(this.persons),
      userId: null,
      email: null,
      enterpriseId: null,
      identities: [],
      lost: [],
      inDirectory: true,
      ...keys,
    };
  }

  /** One phase from beginning to end. */
  async erase(phase: Phase, persons: readonly PersonKeys[], scope: Scope, maxRows = 1_000): Promise<Erased> {
    const erased: Record<string, number> = {};
    let from: Cursor | null = null;
    do {
      const at: Cursor | null = from;
      const step: EraseStep = await this.within((manager) =>
        this.store.erase(manager, phase, this.batchId, persons, scope, at, maxRows),
      );
      for (const { person, collection, rows } of step.erased) {
        const name = `${person} ${collection}`;
        erased[name] = (erased[name] ?? 0) + rows;
      }
      from = step.next;
    } while (from !== null);
    return erased;
  }

  async probe(phase: Phase, persons: readonly PersonKeys[], scope: Scope): Promise<readonly RemainingRows[]> {
    const overwritten: RemainingRows[] = [];
    let from: Cursor | null = null;
    do {
      const at: Cursor | null = from;
      const step: ReadBackStep = await this.within((manager) =>
        this.store.readBack(manager, phase, this.batchId, persons, at),
      );
      overwritten.push(...step.remaining);
      from = step.next;
    } while (from !== null);
    return this.within((manager) => this.store.probe(manager, phase, persons, scope, overwritten));
  }

  /** As `collection REASON`, sorted. */
  async remaining(phase: Phase, persons: readonly PersonKeys[], scope: Scope): Promise<readonly string[]> {
    const rows = await this.probe(phase, persons, scope);
    return rows.map(({ collection, reason }) => `${collection} ${reason}`).toSorted();
  }

  async find(queries: readonly ValueQuery[], scope: Scope): Promise<readonly ValueHit[]> {
    const hits = await this.within((manager) => this.store.findByValue(manager, queries, scope));
    return hits.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }

  async check(): Promise<readonly Finding[]> {
    return this.within((manager) => this.store.check(manager));
  }

  async within<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return inTransaction(this.dataSource, limits, null, work);
  }
}

/** @param pair `channel|channel user id` */
export function identity(pair: string, more: Partial<IdentityKey> = {}): IdentityKey {
  const [channelId = '', channelUserId = ''] = pair.split('|');
  return { channelId, channelUserId, bots: null, sharedBots: [], joinedSharedBots: [], ...more };
}
