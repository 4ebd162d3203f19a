import { Injectable } from '@nestjs/common';
import { MetricsSource } from './metrics-source.js';
import { workRegistry } from './work-counters.js';

/** Tells what this process has done. */
@Injectable()
export class WorkMetrics extends MetricsSource {
  override text(): Promise<string> {
    return workRegistry.metrics();
  }
}
