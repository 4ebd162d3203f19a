import { randomUUID } from 'node:crypto';
import { type Server } from 'node:http';
import { type FastifyHttpOptions } from 'fastify';
import { type Settings } from '../config/settings.js';
import { answerClientError } from './answers/client-error.js';
import { sendAnswer } from './answers/send-answer.js';
import { overrideMethod } from './door/method-override.js';

/** Bytes of body that a route takes unless it declares another `bodyLimit`. */
export const BODY_LIMIT = 8 * 1024 * 1024;
const HEADER_LIMIT = 16 * 1024;
/** Our longest parameter is a request id of 40 characters; what is much longer is none (414). */
const PARAMETER_LIMIT = 200;
/** Idle connections end sooner than a shutdown is patient. */
const KEEP_ALIVE_MS = 15_000;
const HEADERS_TIMEOUT_MS = 10_000;

/** How Fastify listens, in every role: limits, time-outs, and answers of ours where it would write its own. */
export function serverOptions(settings: Settings): FastifyHttpOptions<Server> {
  return {
    logger: false,
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    bodyLimit: BODY_LIMIT,
    trustProxy: settings.trustedProxies.length === 0 ? false : [...settings.trustedProxies],
    // A body's time is kept by `ArrivalTime`: Node would keep the same for all routes.
    requestTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // While stopping, what arrives on open connections is still answered, with `Connection: close`.
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true, caseSensitive: false, maxParamLength: PARAMETER_LIMIT },
    http: {
      maxHeaderSize: HEADER_LIMIT,
      headersTimeout: Math.min(HEADERS_TIMEOUT_MS, settings.requestTimeoutMs),
      connectionsCheckingInterval: Math.min(1000, settings.requestTimeoutMs),
      // Node's own answer to a missing Host has no body; the door refuses it with the envelope.
      requireHostHeader: false,
    },
    rewriteUrl: overrideMethod,
    frameworkErrors: (error, _request, reply) => {
      sendAnswer(reply, error);
    },
    clientErrorHandler: answerClientError,
  };
}
