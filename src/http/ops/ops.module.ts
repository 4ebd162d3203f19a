import { Module } from '@nestjs/common';
import { DatabaseReadiness } from './database.readiness.js';
import { Metrics } from './metrics.js';
import { Readiness } from './readiness.js';

/** How a process is watched; in every role. Further checks stand in the modules that need them. */
@Module({ providers: [DatabaseReadiness, Metrics, Readiness], exports: [Metrics, Readiness] })
export class OpsModule {}
