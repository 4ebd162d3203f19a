import { Injectable } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { providersOf } from '../../common/providers-of.js';
import { ReadinessCheck } from '../../common/readiness-check.js';
import { StopListener } from '../../common/stop-listener.js';

/** The answer to each check, by name. */
export type ReadinessReport = Readonly<Record<string, boolean>>;

const PATIENCE_MS = 2000;
/** Anyone may ask, so questions within this time share one answer. */
const SHARED_MS = 500;

/** Whether this process can do its own work: asks all `ReadinessCheck`s that its modules provide. One that stops can't. */
@Injectable()
export class Readiness extends StopListener {
  private stopping = false;
  private latest: { readonly at: number; readonly report: Promise<ReadinessReport> } | null = null;

  constructor(private readonly modules: ModulesContainer) {
    super();
  }

  override onStop(): void {
    this.stopping = true;
  }

  async report(): Promise<ReadinessReport> {
    if (this.stopping) return { process: false };
    const now = performance.now();
    if (this.latest === null || now - this.latest.at > SHARED_MS)
      this.latest = { at: now, report: this.ask() };
    return this.latest.report;
  }

  private async ask(): Promise<ReadinessReport> {
    const checks = providersOf(this.modules, ReadinessCheck);
    const answers = checks.map(async (check) => [check.name, await inTime(check)] as const);
    return Object.fromEntries(await Promise.all(answers));
  }
}

async function inTime(check: ReadinessCheck): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, false);
  });
  try {
    return await Promise.race([check.ready(), silence]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
