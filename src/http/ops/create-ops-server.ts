import { type INestApplicationContext } from '@nestjs/common';
import { fastify, type FastifyInstance } from 'fastify';
import { type Settings } from '../../config/settings.js';
import { sendAnswer } from '../answers/send-answer.js';
import { checkRoute, checkWellFormed } from '../door/route-check.js';
import { addCommonHeaders } from '../hooks.js';
import { serverOptions } from '../server-options.js';
import { addOpsRoutes } from './ops-routes.js';

/**
 * The listener of `opsPort`, not listening yet: health and metrics of a process, whatever its role. Answers like the API
 * does, and asks nobody for a token: it belongs on a network of operators.
 *
 * @param context of the process; must have OpsModule
 */
export function createOpsServer(context: INestApplicationContext, settings: Settings): FastifyInstance {
  const instance = fastify(serverOptions(settings));
  instance.addHook('onRequest', (request, _reply, done) => {
    checkWellFormed(request);
    checkRoute(request);
    done();
  });
  instance.addHook('onSend', (_request, reply, _payload, done) => {
    addCommonHeaders(reply);
    done();
  });
  instance.setErrorHandler((error, _request, reply) => {
    sendAnswer(reply, error);
  });
  addOpsRoutes(instance, context, { metricsForAll: true });
  return instance;
}
