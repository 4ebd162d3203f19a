import { ApiError, type ApiReason } from '../common/errors/api-error.js';

const CHALLENGE = 'Bearer realm="expunge"';

/** The code of the published interface for everything about tokens but one-time ones. */
const TOKEN_CODE = 4002;

/** Reasons that say why a token with the right signature is refused all the same. */
export type RefusedTokenReason = Extract<
  ApiReason,
  | 'TOKEN_EXPIRED'
  | 'TOKEN_NOT_YET_VALID'
  | 'TOKEN_LIFETIME'
  | 'TOKEN_CLAIMS'
  | 'TOKEN_OF_END_USER'
  | 'TOKEN_POLICY'
  | 'APP_REVOKED'
>;

/** 401 for no token, an unknown app and a bad signature alike: who knows no secret learns nothing. */
export function invalidCredentials(): ApiError {
  return unauthorized('INVALID_CREDENTIALS', 'Invalid SDK credentials', 'invalid_token');
}

/** 401 for no token at all; the same body, and by RFC 6750 a challenge without an error. */
export function noToken(): ApiError {
  return unauthorized('INVALID_CREDENTIALS', 'Invalid SDK credentials', null);
}

/** 401 for a token that can't be parsed. */
export function invalidToken(): ApiError {
  return unauthorized('INVALID_TOKEN', 'Invalid JWT token', 'invalid_token');
}

/** 401 for a token of the app's own making. Only for those whose signature was right. */
export function refusedToken(reason: RefusedTokenReason): ApiError {
  return unauthorized(reason, 'Invalid SDK credentials', 'invalid_token');
}

/** 401 for a one-time token that is good for more than an hour. */
export function oneTimeTokenTooLong(): ApiError {
  return oneTime('TOKEN_LIFETIME', 'error verifying the jwt: if "jti" claim "exp" must be <= 1 hour(s)');
}

/** 401 for a one-time token that was used before. */
export function replayedToken(): ApiError {
  return oneTime('TOKEN_REPLAYED', 'error verifying the jwt: possibly a replay');
}

/** 401 for a caller who may not use this route. */
export function wrongScope(reason: 'SCOPE_MISSING' | 'APP_ORIGIN'): ApiError {
  return unauthorized(reason, 'Permission denied. Scope is incorrect!', 'insufficient_scope');
}

function unauthorized(reason: ApiReason, message: string, error: string | null): ApiError {
  return new ApiError(401, reason, message, { code: TOKEN_CODE, headers: challenge(error) });
}

function oneTime(reason: ApiReason, message: string): ApiError {
  return new ApiError(401, reason, message, { headers: challenge('invalid_token') });
}

function challenge(error: string | null): Readonly<Record<string, string>> {
  return { 'www-authenticate': error === null ? CHALLENGE : `${CHALLENGE}, error="${error}"` };
}
