import { createHmac } from 'node:crypto';

/** A member of a token: an object, or its JSON word for word where it is not what JSON.stringify would write. */
export type TokenPart = object | string;

/**
 * A token signed with HS256 over exactly these parts, however wrong they are: libraries would refuse to make many of them.
 */
export function signedToken(
  secret: string,
  claims: TokenPart,
  header: TokenPart = { alg: 'HS256', typ: 'JWT' },
): string {
  const signed = [header, claims].map(segment).join('.');
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

function segment(part: TokenPart): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part), 'utf8').toString('base64url');
}
