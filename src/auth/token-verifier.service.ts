import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { BoundedCache } from '../common/bounded-cache.js';
import { Clock } from '../common/clock.js';
import { workCounters } from '../common/metrics/work-counters.js';
import { AppKey } from './app-key.js';
import { type Caller } from './caller.js';
import { ClientAppLookup } from './client-app-lookup.service.js';
import { parseToken, type TokenClaims } from './token-claims.js';
import { invalidCredentials, invalidToken, noToken, refusedToken } from './token-errors.js';
import { brokenRule } from './token-rules.js';
import { TokenSpender } from './token-spender.service.js';

/** A token that was signed right, and with which key. What it may is another question each time. */
interface SignedToken {
  readonly claims: TokenClaims;
  readonly key: AppKey;
}

const SIGNED_TOKENS = 1_000;

/** Says who sent a token. The door asks it before a byte of the body is read. */
@Injectable()
export class TokenVerifier {
  /** Nobody's: what names no app is verified with it, so that it takes as long as a bad signature. */
  private readonly nobodysKey = new AppKey(randomBytes(32));
  /** By their hashes. Most callers send one token for hours. */
  private readonly seen = new BoundedCache<string, SignedToken>(SIGNED_TOKENS);

  constructor(
    private readonly dataSource: DataSource,
    private readonly apps: ClientAppLookup,
    private readonly spender: TokenSpender,
    private readonly clock: Clock,
  ) {}

  /** Whether the app of a verified token is still good. @throws ApiError 401 when it was revoked since; DatabaseFault */
  async refuseRevoked({ clientId }: Caller): Promise<void> {
    const known = await this.apps.find(clientId);
    if (known === null || known.app.revokedOn !== null) throw refusedToken('APP_REVOKED');
  }

  /**
   * @param token the bare token; null or empty when there is none
   * @param options.allowCompatible the route takes tokens of the `compatible` policy
   * @throws ApiError 401, with the wording of the published interface; its `reason` says what was wrong only when the
   *   signature was right
   * @throws DatabaseFault
   */
  async verify(token: string | null, options: { readonly allowCompatible: boolean }): Promise<Caller> {
    if (token === null || token === '') throw noToken();
    const hash = createHash('sha256').update(token).digest('base64');
    const seen = this.seen.get(hash);
    const claims = seen?.claims ?? parseToken(token);
    if (claims === null) throw invalidToken();
    const known = claims.clientId === null ? null : await this.apps.find(claims.clientId);
    const key = known?.key ?? this.nobodysKey;
    // An app that was rotated since has another key.
    const signed = seen?.key === key || key.signed(token);
    if (known === null || !signed) throw invalidCredentials();
    // A one-time token does not come again.
    if (claims.jti === null && seen?.key !== key) this.seen.set(hash, { claims, key });

    const { app } = known;
    const now = Math.floor(this.clock.now().getTime() / 1000);
    const broken = brokenRule(claims, app, now, options.allowCompatible);
    if (broken !== null) throw broken;

    if (options.allowCompatible && brokenRule(claims, app, now, false) !== null)
      workCounters.compatibleTokens.inc();

    const { clientId, accountId, scopes, origin } = app;
    if (claims.jti === null || claims.expiresAt === null)
      return { clientId, accountId, scopes, origin, oneTime: null };
    const oneTime = await this.spender.oneTimeToken(app, claims.jti, claims.expiresAt);
    await this.spender.refuseSpent(this.dataSource.manager, clientId, oneTime);
    return { clientId, accountId, scopes, origin, oneTime };
  }
}
