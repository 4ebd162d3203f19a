import { AppSecrets } from '../../../src/auth/app-secrets.js';
import { ClientAppLookup } from '../../../src/auth/client-app-lookup.service.js';
import {
  type AppCredentials,
  ClientAppsService,
  type NewClientApp,
} from '../../../src/auth/client-apps.service.js';
import { DELETE_USERS_DATA } from '../../../src/auth/scopes.js';
import { TokenIssuer } from '../../../src/auth/token-issuer.service.js';
import { TokenSpender } from '../../../src/auth/token-spender.service.js';
import { TokenVerifier } from '../../../src/auth/token-verifier.service.js';
import { Clock } from '../../../src/common/clock.js';
import { KeyRing } from '../../../src/common/keys/key-ring.js';
import { EventLog } from '../../../src/common/logging/event-log.js';
import { AccountsService } from '../../../src/users/accounts.service.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { testSettings } from '../../support/settings.js';

export const ACCOUNT = 'a'.repeat(24);

/** Stands still until it is moved. */
export class ManualClock extends Clock {
  private ms = Date.UTC(2026, 10, 23, 12);

  override now(): Date {
    return new Date(this.ms);
  }

  override elapsedMs(): number {
    return this.ms;
  }

  advance(ms: number): void {
    this.ms += ms;
  }

  /** Seconds since 1970, as tokens count. */
  get seconds(): number {
    return Math.floor(this.ms / 1000);
  }
}

/** What one process has of src/auth: caches of its own, over the common database. */
export interface AuthProcess {
  readonly apps: ClientAppsService;
  readonly lookup: ClientAppLookup;
  readonly verifier: TokenVerifier;
  readonly spender: TokenSpender;
  readonly issuer: TokenIssuer;
  readonly logged: string[];
}

export class AuthWorld {
  readonly clock = new ManualClock();
  readonly settings = testSettings();

  private constructor(readonly database: TestDatabase) {}

  static async make(): Promise<AuthWorld> {
    const database = await testDatabase();
    await database.run('INSERT INTO platform.accounts (id, name) VALUES ($1, $2)', [ACCOUNT, 'Acme']);
    return new AuthWorld(database);
  }

  process(): AuthProcess {
    const { dataSource } = this.database;
    const logged: string[] = [];
    const log = new EventLog('info', { write: (line) => void logged.push(line) });
    const keyRing = new KeyRing(dataSource, this.settings);
    const secrets = new AppSecrets(keyRing);
    const lookup = new ClientAppLookup(dataSource, secrets, this.clock, log);
    const spender = new TokenSpender(keyRing);
    return {
      apps: new ClientAppsService(dataSource, new AccountsService(), secrets, this.clock),
      lookup,
      verifier: new TokenVerifier(dataSource, lookup, spender, this.clock),
      spender,
      issuer: new TokenIssuer(lookup, this.clock),
      logged,
    };
  }

  app(changes: Partial<NewClientApp> = {}): Promise<AppCredentials> {
    return this.process().apps.create({
      accountId: ACCOUNT,
      name: 'privacy desk',
      scopes: [DELETE_USERS_DATA],
      origin: 'admin-console',
      tokenPolicy: 'strict',
      tokenPolicyUntil: null,
      audience: null,
      requireJti: false,
      ...changes,
    });
  }
}
