import { Injectable } from '@nestjs/common';
import { Gauge, Registry } from 'prom-client';
import { MetricsSource } from '../../common/metrics/metrics-source.js';
import { StoresService } from '../../stores/stores.service.js';

/** Tells whether the platform still fits the data map, as this worker saw it last. Until it could look there is no number. */
@Injectable()
export class DataMapMetrics extends MetricsSource {
  private readonly registry = new Registry();
  private readonly findings = new Gauge({
    name: 'expunge_data_map_findings',
    help: 'What does not fit between data map and platform: drift (not classified) or mistake. Any keeps erasing waiting.',
    labelNames: ['kind'] as const,
    registers: [this.registry],
  });

  constructor(private readonly stores: StoresService) {
    super();
  }

  override async text(): Promise<string> {
    if (this.stores.state === 'unchecked') return '';
    for (const kind of ['drift', 'mistake'] as const)
      this.findings.set({ kind }, this.stores.findings.filter((finding) => finding.kind === kind).length);
    return this.registry.metrics();
  }
}
