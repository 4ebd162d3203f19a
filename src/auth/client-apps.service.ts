import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../common/clock.js';
import { AccountsService } from '../users/accounts.service.js';
import { AppSecrets } from './app-secrets.js';
import { ClientAppRefused } from './client-app-refused.js';
import { type ClientApp, isClientId, withoutSecret } from './client-app.js';
import { type TokenPolicy } from './client-app.entity.js';
import { ClientAppRepository } from './client-app.repository.js';
import { type AppOrigin } from './caller.js';
import { compatibleUntil } from './compatible-until.js';

export interface NewClientApp {
  readonly accountId: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly origin: AppOrigin;
  readonly tokenPolicy: TokenPolicy;
  /** End of the `compatible` policy, at most 90 days ahead; null: then, and with `strict`. */
  readonly tokenPolicyUntil: Date | null;
  /** The `aud` that its tokens must carry; null: any. */
  readonly audience: string | null;
  /** Only one-time tokens (`jti`) are taken. */
  readonly requireJti: boolean;
}

/** The secret is in no other answer: who loses it rotates. */
export interface AppCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Makes, lists and changes client apps. Changes reach every process within a second (ClientAppLookup). */
@Injectable()
export class ClientAppsService {
  private readonly apps = new ClientAppRepository();

  constructor(
    private readonly dataSource: DataSource,
    private readonly accounts: AccountsService,
    private readonly secrets: AppSecrets,
    private readonly clock: Clock,
  ) {}

  /**
   * An account that the platform does not know is no error, since on an empty platform there is none yet; but it is told.
   *
   * @throws ClientAppRefused an end that is out of bounds; DatabaseFault
   */
  async create(app: NewClientApp): Promise<AppCredentials & { readonly accountKnown: boolean }> {
    const { manager } = this.dataSource;
    const tokenPolicyUntil = compatibleUntil(app.tokenPolicy, app.tokenPolicyUntil, this.clock.now());
    const accountKnown = await this.accounts.exists(manager, app.accountId);
    const clientId = `cs-${randomUUID()}`;
    const clientSecret = this.secrets.make();
    const secret = await this.secrets.encrypt(clientSecret, { clientId, accountId: app.accountId });
    await this.apps.insert(manager, { ...app, tokenPolicyUntil, clientId, secret });
    return { clientId, clientSecret, accountKnown };
  }

  /** All apps, revoked ones too, oldest first. @throws DatabaseFault */
  async list(): Promise<readonly ClientApp[]> {
    return (await this.apps.all(this.dataSource.manager)).map(withoutSecret);
  }

  /** Whether there is such an app, in use or revoked. @throws DatabaseFault */
  async exists(clientId: string): Promise<boolean> {
    return isClientId(clientId) && (await this.apps.version(this.dataSource.manager, clientId)) !== null;
  }

  /** Gives the app a new secret; tokens made with the old one are refused. @throws ClientAppRefused, DatabaseFault */
  async rotate(clientId: string): Promise<AppCredentials> {
    const { manager } = this.dataSource;
    const app = isClientId(clientId) ? await this.apps.find(manager, clientId) : null;
    if (app === null) throw new ClientAppRefused('there is no client app with this id');
    const clientSecret = this.secrets.make();
    const secret = await this.secrets.encrypt(clientSecret, app);
    if (!(await this.apps.replaceSecret(manager, clientId, secret)))
      throw new ClientAppRefused('this client app is revoked; make a new one');
    return { clientId, clientSecret };
  }

  /**
   * Gives the `compatible` policy of an app another end, and returns it.
   *
   * @param until at most 90 days ahead; null: just that
   * @throws ClientAppRefused, DatabaseFault
   */
  async renew(clientId: string, until: Date | null): Promise<Date> {
    const end = compatibleUntil('compatible', until, this.clock.now());
    const { manager } = this.dataSource;
    const renewed = end !== null && isClientId(clientId) && (await this.apps.setEnd(manager, clientId, end));
    if (!renewed)
      throw new ClientAppRefused('there is no client app with this id that is in use and "compatible"');
    return end;
  }

  /** For good. Revoking twice is no error. @throws ClientAppRefused, DatabaseFault */
  async revoke(clientId: string): Promise<void> {
    const known = isClientId(clientId) && (await this.apps.revoke(this.dataSource.manager, clientId));
    if (!known) throw new ClientAppRefused('there is no client app with this id');
  }
}
