import { type ApiError } from '../common/errors/api-error.js';
import { type ClientApp } from './client-app.js';
import { type TokenClaims } from './token-claims.js';
import { oneTimeTokenTooLong, refusedToken } from './token-errors.js';

/** How far the clocks of callers may be off, for `iat`, `exp` and `nbf`. */
export const LEEWAY_SECONDS = 60;
export const STRICT_LIFETIME_SECONDS = 24 * 60 * 60;
export const ONE_TIME_LIFETIME_SECONDS = 60 * 60;

/**
 * What is wrong with a token that its app has signed: the first rule it breaks, or null. Says nothing about whether a
 * one-time token was used before.
 *
 * @param now seconds since 1970
 * @param allowCompatible the route takes tokens of the `compatible` policy
 */
export function brokenRule(
  claims: TokenClaims,
  app: ClientApp,
  now: number,
  allowCompatible: boolean,
): ApiError | null {
  if (app.revokedOn !== null) return refusedToken('APP_REVOKED');
  if (claims.endUser) return refusedToken('TOKEN_OF_END_USER');
  return (
    brokenTime(claims, now) ??
    brokenPolicy(claims, app, now, allowCompatible) ??
    brokenAudience(claims, app) ??
    brokenOneTime(claims, app, now)
  );
}

function brokenTime({ issuedAt, notBefore, expiresAt }: TokenClaims, now: number): ApiError | null {
  if (expiresAt !== null && expiresAt < now - LEEWAY_SECONDS) return refusedToken('TOKEN_EXPIRED');
  const from = Math.max(issuedAt ?? 0, notBefore ?? 0);
  return from > now + LEEWAY_SECONDS ? refusedToken('TOKEN_NOT_YET_VALID') : null;
}

function brokenPolicy(
  { issuedAt, expiresAt }: TokenClaims,
  app: ClientApp,
  now: number,
  allowCompatible: boolean,
): ApiError | null {
  if (allowCompatible && isCompatible(app, now)) return null;
  if (issuedAt === null || expiresAt === null) return refusedToken('TOKEN_POLICY');
  const lifetime = expiresAt - issuedAt;
  return lifetime > 0 && lifetime <= STRICT_LIFETIME_SECONDS ? null : refusedToken('TOKEN_LIFETIME');
}

function isCompatible(app: ClientApp, now: number): boolean {
  const { tokenPolicy, tokenPolicyUntil } = app;
  return tokenPolicy === 'compatible' && tokenPolicyUntil !== null && now * 1000 < tokenPolicyUntil.getTime();
}

function brokenAudience({ audiences }: TokenClaims, { audience }: ClientApp): ApiError | null {
  return audience === null || audiences.includes(audience) ? null : refusedToken('TOKEN_CLAIMS');
}

function brokenOneTime(
  { jti, expiresAt, issuedAt }: TokenClaims,
  app: ClientApp,
  now: number,
): ApiError | null {
  if (jti === null) return app.requireJti ? refusedToken('TOKEN_CLAIMS') : null;
  // Where the caller's clock is ahead of ours, its hour begins at its own `iat`.
  const from = Math.max(now, issuedAt ?? 0);
  return expiresAt !== null && expiresAt - from <= ONE_TIME_LIFETIME_SECONDS ? null : oneTimeTokenTooLong();
}
