import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { BoundedCache } from '../common/bounded-cache.js';
import { Clock } from '../common/clock.js';
import { IntegrityError } from '../common/errors/integrity-error.js';
import { EventLog } from '../common/logging/event-log.js';
import { defineEvent } from '../common/logging/event.js';
import { AppKey } from './app-key.js';
import { AppSecrets } from './app-secrets.js';
import { type ClientApp, isClientId, withoutSecret } from './client-app.js';
import { ClientAppRepository } from './client-app.repository.js';

/** An app with what its tokens are verified with. Revoked apps are found too: their own tokens are told why. */
export interface KnownApp {
  readonly app: ClientApp;
  readonly key: AppKey;
}

interface Looked {
  readonly found: KnownApp | null;
  readonly version: number;
  /** When the question was sent: what it answers was true then. */
  readonly atMs: number;
}

/** How long a process may still take an app for what it was before it was rotated or revoked. */
export const MAX_AGE_MS = 1_000;
const CACHED_APPS = 5_000;

const appUnreadable = defineEvent('auth.app.unreadable', { clientId: 'id' });

/**
 * Finds apps by client id, from memory for at most one second; then the app's version is looked at again, so that a
 * rotated or revoked secret is out in every process within a second. Bounded, and one question at a time per app.
 */
@Injectable()
export class ClientAppLookup {
  private readonly apps = new ClientAppRepository();
  private readonly known = new BoundedCache<string, Looked>(CACHED_APPS);
  /** Apart, so that made-up ids don't push real apps out. */
  private readonly unknown = new BoundedCache<string, Looked>(CACHED_APPS);
  private readonly underWay = new Map<string, Promise<Looked>>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly secrets: AppSecrets,
    private readonly clock: Clock,
    private readonly log: EventLog,
  ) {}

  /**
   * null: no such app, or its row does not authenticate.
   *
   * @throws DatabaseFault rather than answering from what is older than a second
   */
  async find(clientId: string): Promise<KnownApp | null> {
    if (!isClientId(clientId)) return null;
    const cached = this.known.get(clientId) ?? this.unknown.get(clientId);
    if (cached !== undefined && this.clock.elapsedMs() - cached.atMs < MAX_AGE_MS) return cached.found;
    let looking = this.underWay.get(clientId);
    if (looking === undefined) {
      looking = this.look(clientId, cached).finally(() => this.underWay.delete(clientId));
      this.underWay.set(clientId, looking);
    }
    return (await looking).found;
  }

  private async look(clientId: string, cached: Looked | undefined): Promise<Looked> {
    const atMs = this.clock.elapsedMs();
    const { manager } = this.dataSource;
    if (cached !== undefined && cached.found !== null) {
      const version = await this.apps.version(manager, clientId);
      if (version === cached.version) return this.remember(clientId, { ...cached, atMs });
    }
    const row = await this.apps.find(manager, clientId);
    if (row === null) return this.remember(clientId, { found: null, version: 0, atMs });
    const key = await this.keyOf(row);
    const found = key === null ? null : { app: withoutSecret(row), key };
    return this.remember(clientId, { found, version: row.version, atMs });
  }

  private async keyOf(row: Parameters<AppSecrets['decrypt']>[0]): Promise<AppKey | null> {
    try {
      return new AppKey(await this.secrets.decrypt(row));
    } catch (error) {
      if (!(error instanceof IntegrityError)) throw error;
      this.log.error(appUnreadable, { clientId: row.clientId });
      return null;
    }
  }

  private remember(clientId: string, looked: Looked): Looked {
    const [its, other] = looked.found === null ? [this.unknown, this.known] : [this.known, this.unknown];
    other.delete(clientId);
    its.set(clientId, looked);
    return looked;
  }
}
