import { parseJsonObject } from './strict-json.js';

/** What a token says about itself, well-formed but not believed yet. Times are seconds since 1970. */
export interface TokenClaims {
  /** The client id, where at least one claim gives it and all that give it agree; else null. */
  readonly clientId: string | null;
  readonly issuedAt: number | null;
  readonly expiresAt: number | null;
  readonly notBefore: number | null;
  readonly audiences: readonly string[];
  readonly jti: string | null;
  /** Carries a claim of chat visitors' tokens, which are signed with the same secret. */
  readonly endUser: boolean;
}

/** Longer ones are not looked at: verifying costs time by length. */
const MAX_TOKEN_LENGTH = 8192;
/** The end of the year 9999. */
const LATEST = 253_402_300_799;
const SEGMENT = /^[A-Za-z0-9_-]+$/;
const HEADER_MEMBERS = ['alg', 'typ', 'kid'];
const CLIENT_ID_CLAIMS = ['appId', 'iss', 'kore_iss'];
const END_USER_CLAIMS = ['isAnonymous', 'identityToMerge'];

/**
 * Reads a token more strictly than `jsonwebtoken` does, which takes unknown `crit`, `b64: false`, duplicate keys, `exp` of
 * 1e99 or 0.5 and payloads that are no object. null: it can't be parsed.
 */
export function parseToken(token: string): TokenClaims | null {
  if (token.length > MAX_TOKEN_LENGTH) return null;
  const segments = token.split('.');
  const [header, payload, signature] = segments;
  if (segments.length !== 3 || header === undefined || payload === undefined) return null;
  if (signature === undefined || !segments.every((segment) => SEGMENT.test(segment))) return null;
  if (!isHeader(decode(header))) return null;
  const claims = decode(payload);
  return claims === null ? null : readClaims(claims);
}

function decode(segment: string): Record<string, unknown> | null {
  return parseJsonObject(Buffer.from(segment, 'base64url'));
}

function isHeader(header: Record<string, unknown> | null): boolean {
  if (header === null || !Object.keys(header).every((name) => HEADER_MEMBERS.includes(name))) return false;
  const { alg, typ = 'JWT', kid = '' } = header;
  return alg === 'HS256' && typeof typ === 'string' && typ.toUpperCase() === 'JWT' && typeof kid === 'string';
}

function readClaims(claims: Record<string, unknown>): TokenClaims | null {
  const has = (name: string): boolean => Object.hasOwn(claims, name);
  const isTextIfThere = (name: string): boolean => !has(name) || isText(claims[name]);
  if (![...CLIENT_ID_CLAIMS, 'sub', 'jti'].every(isTextIfThere)) return null;
  const { iat, exp, nbf, aud, jti } = claims;
  if (!['iat', 'exp', 'nbf'].every((name) => !has(name) || isTime(claims[name]))) return null;
  const audiences = has('aud') ? (Array.isArray(aud) ? (aud as unknown[]) : [aud]) : [];
  if (!audiences.every(isText)) return null;
  const clientIds = new Set(CLIENT_ID_CLAIMS.filter(has).map((name) => claims[name] as string));
  const [clientId = null] = clientIds;
  return {
    clientId: clientIds.size === 1 ? clientId : null,
    issuedAt: isTime(iat) ? iat : null,
    expiresAt: isTime(exp) ? exp : null,
    notBefore: isTime(nbf) ? nbf : null,
    audiences,
    jti: isText(jti) ? jti : null,
    endUser: END_USER_CLAIMS.some(has),
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= LATEST;
}
