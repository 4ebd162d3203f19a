import { Injectable } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';

/**
 * The numbers of this process, for Prometheus. Labels are route templates, methods of known routes and statuses: nothing
 * that a caller can invent, and nothing of a URL.
 */
@Injectable()
export class Metrics {
  private readonly registry = new Registry();
  private readonly answered = new Histogram({
    name: 'expunge_http_request_duration_seconds',
    help: 'Time from the head of a request to the end of its answer; its _count is the number of requests.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  observe(request: FastifyRequest, reply: FastifyReply): void {
    const route = request.routeOptions.url;
    const labels = { method: route === undefined ? 'none' : request.method, route: route ?? 'none' };
    this.answered.observe({ ...labels, status: String(reply.statusCode) }, reply.elapsedTime / 1000);
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }
}
