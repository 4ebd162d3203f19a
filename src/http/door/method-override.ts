import { type IncomingMessage } from 'node:http';

const OVERRIDE = 'x-http-method-override';

/**
 * `POST` with `X-HTTP-Method-Override: DELETE` is a DELETE, as clients send it through proxies that know no DELETE with a
 * body. Runs before routing; the URL stays as it is. Only DELETE may be asked for: see `unknownOverride`.
 */
export function overrideMethod(
  request: { method?: string | undefined } & Pick<IncomingMessage, 'headers' | 'url'>,
): string {
  if (request.method === 'POST' && wanted(request) === 'DELETE') request.method = 'DELETE';
  return request.url ?? '/';
}

/** A POST that asks to be something else is refused: done as POST it would erase where its sender meant to look. */
export function unknownOverride(request: Pick<IncomingMessage, 'method' | 'headers'>): boolean {
  return request.method === 'POST' && (wanted(request) ?? 'POST') !== 'POST';
}

function wanted(request: Pick<IncomingMessage, 'headers'>): string | undefined {
  return request.headers[OVERRIDE]?.toString().trim().toUpperCase();
}
