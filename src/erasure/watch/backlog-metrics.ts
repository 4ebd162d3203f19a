import { Injectable } from '@nestjs/common';
import { Gauge, Registry } from 'prom-client';
import { MetricsSource } from '../../common/metrics/metrics-source.js';
import { type Backlog, BacklogRepository, MOST_COUNTED } from './backlog.repository.js';

/** Whoever scrapes how many processes, the database is asked this often. */
const SHARED_MS = 5_000;
const PATIENCE_MS = 2_000;

const counted = `At most ${MOST_COUNTED} are counted.`;

/**
 * Tells how things stand in the database, the same in every process: take `max` over them. Without a database there are no
 * such numbers, rather than old ones or a scrape that fails.
 */
@Injectable()
export class BacklogMetrics extends MetricsSource {
  private readonly registry = new Registry();
  private latest: { readonly at: number; readonly backlog: Promise<Backlog | null> } | null = null;
  private readonly depth = this.gauge(
    'queue_depth',
    `Work that could begin and that nobody has begun: requests to plan, batches to erase. ${counted}`,
    ['work'],
  );
  private readonly unsettled = this.gauge(
    'requests_unsettled',
    `Requests that could have begun and are not settled. ${counted}`,
  );
  private readonly overdue = this.gauge(
    'requests_unsettled_for_an_hour',
    `Those of them that could have begun more than an hour ago. ${counted}`,
  );
  private readonly oldest = this.gauge(
    'oldest_unsettled_request_seconds',
    'For how long the oldest of them could have begun; 0 when there is none.',
  );
  private readonly nearDue = this.gauge(
    'entries_not_erased_near_due',
    `Entries that ended FAILED or PROTECTED in requests that are due within 7 days or were in the last 7. ${counted}`,
    ['status'],
  );
  private readonly integrity = this.gauge(
    'integrity_failures',
    `Entries refused in the last 24 hours: what is stored is not what was accepted. ${counted}`,
  );

  private readonly pauses = this.gauge(
    'pauses',
    `Pauses that hold work back until somebody resumes it. ${counted}`,
  );

  constructor(private readonly repository: BacklogRepository) {
    super();
  }

  override async text(): Promise<string> {
    const backlog = await this.read();
    if (backlog === null) return '';
    this.depth.set({ work: 'planning' }, backlog.plansWaiting);
    this.depth.set({ work: 'erasing' }, backlog.batchesWaiting);
    this.unsettled.set(backlog.unsettled);
    this.overdue.set(backlog.overdue);
    this.oldest.set(backlog.oldestSeconds);
    this.nearDue.set({ status: 'FAILED' }, backlog.failedNearDue);
    this.nearDue.set({ status: 'PROTECTED' }, backlog.protectedNearDue);
    this.integrity.set(backlog.integrityFailures);
    this.pauses.set(backlog.pauses);
    return this.registry.metrics();
  }

  private async read(): Promise<Backlog | null> {
    const now = performance.now();
    if (this.latest === null || now - this.latest.at > SHARED_MS)
      this.latest = { at: now, backlog: inTime(this.repository.read()) };
    return this.latest.backlog;
  }

  private gauge<Label extends string>(name: string, help: string, labelNames: Label[] = []): Gauge<Label> {
    return new Gauge({ name: `expunge_${name}`, help, labelNames, registers: [this.registry] });
  }
}

async function inTime(reading: Promise<Backlog>): Promise<Backlog | null> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, null);
  });
  try {
    return await Promise.race([reading.catch(() => null), silence]);
  } finally {
    clearTimeout(timer);
  }
}
