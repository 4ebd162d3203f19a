/**
 * What every answer carries, whoever writes it: ours, Fastify's, Node's. Nothing may be cached, sniffed or framed, and a
 * browser that opens an answer loads nothing because of it.
 */
export function commonHeaders(requestId: string): Readonly<Record<string, string>> {
  return {
    'x-request-id': requestId,
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
}
