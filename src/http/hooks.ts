import { type IncomingMessage } from 'node:http';
import { type INestApplicationContext } from '@nestjs/common';
import { type FastifyInstance, type FastifyReply } from 'fastify';
import { DatabasePulse } from '../database/database-pulse.js';
import { commonHeaders } from './answers/common-headers.js';
import { AccessLog } from './access-log.js';
import { ArrivalTime } from './body/arrival-time.js';
import { Door } from './door/door.js';

/**
 * What happens to every request around its route: admitted by the door before its body is read, answered with the common
 * headers, counted and logged. `context` is asked when the first request comes, not before.
 */
export function addHooks(
  instance: FastifyInstance,
  requestTimeoutMs: number,
  context: () => INestApplicationContext,
): void {
  const waiting = holdBodiesBack(instance);
  const door = once(() => context().get(Door, { strict: false }));
  const pulse = once(() => context().get(DatabasePulse, { strict: false }));
  const accessLog = once(() => context().get(AccessLog, { strict: false }));
  const arrival = new ArrivalTime(instance.server, requestTimeoutMs);

  instance.addHook('onRoute', (route) => {
    if (route.config?.bodyLimit !== undefined) route.bodyLimit = route.config.bodyLimit;
  });

  instance.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config.lines !== true) arrival.begin(request, reply);
    await pulse().whileAnswering(door().admit(request));
    if (waiting.delete(request.raw)) reply.raw.writeContinue();
  });

  instance.addHook('onSend', (request, reply, _payload, done) => {
    addCommonHeaders(reply);
    // A client that was never told to continue may or may not send its body: where the next request begins is unknown.
    if (waiting.delete(request.raw) || door().closing) reply.header('connection', 'close');
    done();
  });

  instance.addHook('onResponse', (request, reply, done) => {
    // What still comes of a body that nobody reads any more flows away, but not for ever.
    if (request.routeOptions.config.lines === true) arrival.begin(request, reply);
    accessLog().answered(request, reply);
    done();
  });
}

/** Nest takes as long to find a provider as some of them take for a request. */
function once<T extends object>(find: () => T): () => T {
  let found: T | null = null;
  return () => (found ??= find());
}

/** An answer's own header of the same name stays. */
export function addCommonHeaders(reply: FastifyReply): void {
  for (const [name, value] of Object.entries(commonHeaders(reply.request.id)))
    if (!reply.hasHeader(name)) reply.header(name, value);
}

/**
 * Node tells a client that asked (`Expect: 100-continue`) to go on before anything was checked. This leaves it to the door,
 * so that a body that will be refused is never sent; other expectations are ignored instead of answered by Node.
 * @returns the requests that wait for `100 Continue`
 */
function holdBodiesBack({ server }: FastifyInstance): Set<IncomingMessage> {
  const waiting = new Set<IncomingMessage>();
  server.on('checkContinue', (request, response) => {
    waiting.add(request);
    response.once('close', () => waiting.delete(request));
    server.emit('request', request, response);
  });
  server.on('checkExpectation', (request, response) => {
    server.emit('request', request, response);
  });
  return waiting;
}
