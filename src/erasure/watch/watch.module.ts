import { Module } from '@nestjs/common';
import { WorkMetrics } from '../../common/metrics/work-metrics.js';
import { BacklogMetrics } from './backlog-metrics.js';
import { BacklogRepository } from './backlog.repository.js';

/** What operators see of the work, in every role. */
@Module({ providers: [BacklogMetrics, BacklogRepository, WorkMetrics] })
export class WatchModule {}
