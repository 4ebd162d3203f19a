import { Injectable } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { EventLog } from '../common/logging/event-log.js';
import { defineEvent } from '../common/logging/event.js';
import { Metrics } from './ops/metrics.js';

const served = defineEvent('http.served', { requestId: 'id', method: 'code', status: 'count', ms: 'ms' });
const refused = defineEvent('http.refused', {
  requestId: 'id',
  method: 'code',
  status: 'count',
  reason: 'code',
  ms: 'ms',
});

/** Counts and logs each answer. No path: it may hold what a caller put there. */
@Injectable()
export class AccessLog {
  constructor(
    private readonly log: EventLog,
    private readonly metrics: Metrics,
  ) {}

  answered(request: FastifyRequest, reply: FastifyReply): void {
    this.metrics.observe(request, reply);
    const { id: requestId, method } = request;
    const line = { requestId, method, status: reply.statusCode, ms: Math.round(reply.elapsedTime) };
    if (reply.statusCode < 400) this.log.debug(served, line);
    else this.log.info(refused, { ...line, reason: reply.toldReason ?? 'none' });
  }
}
