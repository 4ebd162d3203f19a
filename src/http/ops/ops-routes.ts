import { isIPv4 } from 'node:net';
import { type INestApplicationContext } from '@nestjs/common';
import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { ApiError } from '../../common/errors/api-error.js';
import { apiErrorOfStatus } from '../answers/api-error-of.js';
import { openRoute } from '../open-routes.js';
import { Metrics } from './metrics.js';
import { Readiness } from './readiness.js';

/** Adds `/health/live`, `/health/ready` and `/metrics` to a listener. */
export function addOpsRoutes(
  instance: Pick<FastifyInstance, 'get'>,
  context: INestApplicationContext,
  options: { readonly metricsForAll: boolean },
): void {
  const metrics = context.get(Metrics, { strict: false });
  const readiness = context.get(Readiness, { strict: false });

  instance.get('/health/live', openRoute, () => ({ status: 'live' }));

  instance.get('/health/ready', openRoute, async () => {
    const report = await readiness.report();
    const missing = Object.keys(report).filter((name) => report[name] !== true);
    if (missing.length > 0) throw notReady(missing);
    return { status: 'ready', checks: report };
  });

  instance.get('/metrics', openRoute, async (request, reply) => {
    if (!options.metricsForAll && !fromThisHost(request)) throw apiErrorOfStatus(404);
    return reply.type(metrics.contentType).send(await metrics.text());
  });
}

function notReady(missing: readonly string[]): ApiError {
  const { httpStatus, reason, message } = apiErrorOfStatus(503);
  const details = missing.map((field) => ({ field, problem: 'not ready', expected: 'ready' }));
  return new ApiError(httpStatus, reason, message, { details, headers: { 'retry-after': '1' } });
}

/** A proxy on this host that nobody declared as trusted makes every caller look like this host: its header gives it away. */
function fromThisHost(request: FastifyRequest): boolean {
  const forwarded = request.headers['x-forwarded-for'] ?? request.headers['forwarded'];
  if (forwarded !== undefined && request.ip === request.socket.remoteAddress) return false;
  const address = request.ip.replace(/^::ffff:/i, '');
  return address === '::1' || (isIPv4(address) && address.startsWith('127.'));
}
