import { type FastifyRequest } from 'fastify';
import { ApiError } from '../../common/errors/api-error.js';
import { apiErrorOfStatus } from '../answers/api-error-of.js';
import { unknownOverride } from './method-override.js';

/** `%00` would reach PostgreSQL, which refuses it; HTTP/1.1 demands a Host. @throws ApiError 400 */
export function checkWellFormed({ raw }: FastifyRequest): void {
  const hostless = raw.headers.host === undefined && raw.httpVersion === '1.1';
  if (hostless || raw.url?.includes('%00') === true) throw apiErrorOfStatus(400);
}

/** @throws ApiError 404 for a path without a route, 405 with `Allow` for one that has other methods only */
export function checkRoute(request: FastifyRequest): void {
  if (request.is404 || unknownOverride(request.raw)) {
    const allowed = allowedMethods(request);
    throw allowed.length === 0 ? apiErrorOfStatus(404) : methodNotAllowed(allowed);
  }
  // The router takes an empty segment for a parameter.
  if (Object.values(request.params as Readonly<Record<string, string>>).includes(''))
    throw apiErrorOfStatus(404);
}

/** Methods that have a route at the path of a request, whatever the request's own method. */
function allowedMethods({ server, raw }: FastifyRequest): readonly string[] {
  const url = raw.url ?? '/';
  // Typed as if every route were found.
  return server.supportedMethods.filter(
    (method) => (server.findRoute({ method, url }) as object | null) !== null,
  );
}

function methodNotAllowed(allowed: readonly string[]): ApiError {
  const { httpStatus, reason, message } = apiErrorOfStatus(405);
  return new ApiError(httpStatus, reason, message, { headers: { allow: allowed.join(', ') } });
}
