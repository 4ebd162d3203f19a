import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { ClientAppLookup } from './client-app-lookup.service.js';
import { ClientAppRefused } from './client-app-refused.js';
import { ONE_TIME_LIFETIME_SECONDS, STRICT_LIFETIME_SECONDS } from './token-rules.js';

export interface IssuedToken {
  readonly token: string;
  readonly expiresOn: Date;
}

/** Makes tokens for an operator at the command line, as the app's own code would make them. */
@Injectable()
export class TokenIssuer {
  constructor(
    private readonly apps: ClientAppLookup,
    private readonly clock: Clock,
  ) {}

  /**
   * A token that fits what the app asks for: with its audience, one-time where it takes no others.
   *
   * @throws ClientAppRefused unknown or revoked app, or a lifetime that would be refused; DatabaseFault
   */
  async issue(clientId: string, subject: string, lifetimeSeconds: number): Promise<IssuedToken> {
    const known = await this.apps.find(clientId);
    if (known === null) throw new ClientAppRefused('there is no client app with this id');
    const { app, key } = known;
    if (app.revokedOn !== null) throw new ClientAppRefused('this client app is revoked');
    const longest = app.requireJti ? ONE_TIME_LIFETIME_SECONDS : STRICT_LIFETIME_SECONDS;
    if (!(lifetimeSeconds >= 1 && lifetimeSeconds <= longest))
      throw new ClientAppRefused(`tokens of this app live from 1 second to ${longest / 3600} hours`);
    const iat = Math.floor(this.clock.now().getTime() / 1000);
    const exp = iat + Math.floor(lifetimeSeconds);
    const token = key.sign({
      sub: subject,
      appId: clientId,
      iat,
      exp,
      ...(app.audience === null ? {} : { aud: app.audience }),
      ...(app.requireJti ? { jti: randomUUID() } : {}),
    });
    return { token, expiresOn: new Date(exp * 1000) };
  }
}
