import { Injectable } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { MetricsSource } from '../../common/metrics/metrics-source.js';
import { providersOf } from '../../common/providers-of.js';

/**
 * The numbers of this process, for Prometheus: those of the door and those that its modules have (`MetricsSource`). Labels
 * are route templates, methods of known routes and statuses: nothing that a caller can invent, and nothing of a URL.
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

  constructor(private readonly modules: ModulesContainer) {
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

  async text(): Promise<string> {
    const sources = providersOf(this.modules, MetricsSource).map((source) => source.text());
    const texts = await Promise.all([this.registry.metrics(), ...sources]);
    return texts.filter((text) => text !== '').join('\n');
  }
}
