import { type FastifyRequest } from 'fastify';
import { ApiError } from '../../common/errors/api-error.js';
import { apiErrorOfStatus } from '../answers/api-error-of.js';

/** Methods that Fastify has a route for at the path of a request, whatever the request's own method. */
export function allowedMethods(request: FastifyRequest): readonly string[] {
  const { server } = request;
  const url = request.raw.url ?? '/';
  return server.supportedMethods.filter(
    // Typed as if every route were found.
    (method) => (server.findRoute({ method, url }) as object | null) !== null,
  );
}

/** 405 with `Allow`. */
export function methodNotAllowed(allowed: readonly string[]): ApiError {
  const { httpStatus, reason, message } = apiErrorOfStatus(405);
  return new ApiError(httpStatus, reason, message, { headers: { allow: allowed.join(', ') } });
}
