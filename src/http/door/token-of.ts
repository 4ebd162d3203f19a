import { type IncomingHttpHeaders } from 'node:http';

const BEARER = /^Bearer +(\S+) *$/i;

/** The token of a call: the header `auth`, as existing clients send it, else `Authorization: Bearer`; never the URL. */
export function tokenOf(headers: IncomingHttpHeaders): string | null {
  const auth = headers['auth'];
  if (auth !== undefined) return auth.toString().trim() || null;
  return BEARER.exec(headers.authorization ?? '')?.[1] ?? null;
}
