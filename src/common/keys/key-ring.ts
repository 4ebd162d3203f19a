import { randomBytes, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Settings } from '../../config/settings.js';
import { toDatabaseFault } from '../../database/database-fault.js';
import { BoundedCache } from '../bounded-cache.js';
import { IntegrityError } from '../errors/integrity-error.js';
import { MasterKeyError } from '../errors/master-key-error.js';
import { DataKey } from './data-key.js';
import { type KeyPlace, type KeyPurpose } from './key-purpose.js';
import { KeyRepository, type KeyRow } from './key.repository.js';
import { MasterKeys } from './master-keys.js';

/** Keys kept unwrapped in memory; with three a busy account, some 3,000 accounts at once. */
const CACHED_KEYS = 10_000;

/** What named() and current() keep of a key: where it belongs, so that a key is never used for another place. */
interface HeldKey extends KeyPlace {
  readonly key: DataKey;
}

/**
 * The data keys of `expunge.keys`, unwrapped by the master key. Call `open` once before anything else.
 * `current` and `named` may use a connection of their own: call them before a transaction begins, not in it.
 */
@Injectable()
export class KeyRing {
  private readonly keys = new KeyRepository();
  private readonly byId = new BoundedCache<string, HeldKey>(CACHED_KEYS);
  private readonly currentIds = new BoundedCache<string, string>(CACHED_KEYS);

  constructor(
    private readonly dataSource: DataSource,
    private readonly settings: Settings,
  ) {}

  /**
   * Proves that the master key unwraps every data key, and wraps again, in one transaction, those that only the previous
   * master key opens.
   *
   * @throws MasterKeyError the process must not start
   * @throws DatabaseFault try again later
   */
  async open(): Promise<void> {
    const masterKeys = this.masterKeys();
    try {
      await this.dataSource.transaction(async (manager) => {
        for (const row of await this.keys.all(manager)) {
          const { material, byPrevious } = masterKeys.unwrap(row.wrapped, row);
          if (byPrevious)
            await this.keys.rewrap(manager, row.id, row.wrapped, masterKeys.wrap(material, row));
        }
      });
    } catch (error) {
      throw toDatabaseFault(error);
    }
  }

  /**
   * The key to write with; made on first use, once, whoever asks first.
   *
   * @param accountId null for `secrets` and `notes`, and for nothing else
   * @throws DatabaseFault, MasterKeyError
   */
  async current(purpose: KeyPurpose, accountId: string | null): Promise<DataKey> {
    checkPlace(purpose, accountId);
    const name = `${purpose} ${accountId ?? ''}`;
    const knownId = this.currentIds.get(name);
    if (knownId !== undefined) return this.named(knownId, purpose, accountId);
    const { manager } = this.dataSource;
    let row = await this.keys.latest(manager, purpose, accountId);
    if (row === null) {
      const place: KeyPlace = { id: randomUUID(), purpose, accountId, epoch: 0 };
      await this.keys.insertIfAbsent(manager, place, this.masterKeys().wrap(randomBytes(32), place));
      row = await this.keys.latest(manager, purpose, accountId);
    }
    if (row === null) throw new IntegrityError();
    this.currentIds.set(name, row.id);
    return this.hold(row).key;
  }

  /**
   * The key that something names (`keyIdOf`).
   *
   * @throws IntegrityError when there is no such key, or it is not one of this purpose and account
   * @throws DatabaseFault, MasterKeyError
   */
  async named(keyId: string, purpose: KeyPurpose, accountId: string | null): Promise<DataKey> {
    checkPlace(purpose, accountId);
    let held = this.byId.get(keyId);
    if (held === undefined) {
      const row = await this.keys.byId(this.dataSource.manager, keyId);
      if (row === null) throw new IntegrityError();
      held = this.hold(row);
    }
    if (held.purpose !== purpose || held.accountId !== accountId) throw new IntegrityError();
    return held.key;
  }

  private hold(row: KeyRow): HeldKey {
    const { material } = this.masterKeys().unwrap(row.wrapped, row);
    const held: HeldKey = {
      id: row.id,
      purpose: row.purpose,
      accountId: row.accountId,
      epoch: row.epoch,
      key: new DataKey(row.id, material),
    };
    this.byId.set(row.id, held);
    return held;
  }

  private masterKeys(): MasterKeys {
    if (this.settings.masterKey === null) throw new MasterKeyError('there is no master key');
    return new MasterKeys(this.settings.masterKey, this.settings.masterKeyPrevious);
  }
}

function checkPlace(purpose: KeyPurpose, accountId: string | null): void {
  const ofService = purpose === 'secrets' || purpose === 'notes';
  if (ofService !== (accountId === null))
    throw new Error(`keys for ${purpose} are ${ofService ? 'not ' : ''}per account`);
}
