import { type IncomingMessage } from 'node:http';

const OVERRIDE = 'x-http-method-override';
const overrides: readonly string[] = ['DELETE', 'PUT', 'PATCH'];

/**
 * `POST` with `X-HTTP-Method-Override: DELETE` is a DELETE, as clients send it through proxies that know no DELETE with a
 * body; the same for PUT and PATCH. Runs before routing; the URL stays as it is. See also `unknownOverride`.
 */
export function overrideMethod(
  request: { method?: string | undefined } & Pick<IncomingMessage, 'headers' | 'url'>,
): string {
  const method = wanted(request);
  if (request.method === 'POST' && method !== undefined && overrides.includes(method))
    request.method = method;
  return request.url ?? '/';
}

/** A POST that asks to be something else is refused: done as POST it would erase where its sender meant to look. */
export function unknownOverride(request: Pick<IncomingMessage, 'method' | 'headers'>): boolean {
  return request.method === 'POST' && (wanted(request) ?? 'POST') !== 'POST';
}

function wanted(request: Pick<IncomingMessage, 'headers'>): string | undefined {
  return request.headers[OVERRIDE]?.toString().trim().toUpperCase();
}
