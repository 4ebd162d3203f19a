import { type FastifyRequest } from 'fastify';
import { ApiError } from '../../common/errors/api-error.js';
import { apiErrorOfStatus } from '../answers/api-error-of.js';

const bodyless = new Set(['GET', 'HEAD', 'TRACE']);
const CHARSET = String.raw`\s*(?:;\s*charset\s*=\s*"?utf-?8"?\s*)?;?\s*$`;
const jsonType = { name: 'application/json', pattern: new RegExp(`^application/json${CHARSET}`, 'i') };
const linesType = {
  name: 'application/x-ndjson',
  pattern: new RegExp(`^application/x-ndjson${CHARSET}`, 'i'),
};

/**
 * What can be refused of a body before it is read: encoding and content type (415), declared size (413). An empty body is
 * an absent one, whatever type it claims.
 */
export function checkBody(request: FastifyRequest): void {
  if (bodyless.has(request.method)) return;
  const { headers } = request.raw;
  const declared = headers['content-length'];
  if (headers['transfer-encoding'] === undefined && Number(declared ?? 0) === 0) {
    delete headers['content-type'];
    return;
  }
  if (headers['content-encoding'] !== undefined) throw unsupported('a Content-Encoding', 'none');
  const { name, pattern } = request.routeOptions.config.lines === true ? linesType : jsonType;
  if (!pattern.test(headers['content-type'] ?? ''))
    throw unsupported(
      headers['content-type'] === undefined ? 'no Content-Type' : 'another Content-Type',
      `${name} in UTF-8`,
    );
  if (Number(declared) > request.routeOptions.bodyLimit) throw apiErrorOfStatus(413);
}

function unsupported(problem: string, expected: string): ApiError {
  const { httpStatus, reason, message } = apiErrorOfStatus(415);
  return new ApiError(httpStatus, reason, message, { details: [{ field: 'headers', problem, expected }] });
}
