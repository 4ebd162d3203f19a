import { Injectable } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { ReadinessCheck } from '../../common/readiness-check.js';

/** The answer to each check, by name. */
export type ReadinessReport = Readonly<Record<string, boolean>>;

const PATIENCE_MS = 2000;
/** Anyone may ask, so questions within this time share one answer. */
const SHARED_MS = 500;

/** Whether this process can do its own work: asks all `ReadinessCheck`s that its modules provide. */
@Injectable()
export class Readiness {
  private latest: { readonly at: number; readonly report: Promise<ReadinessReport> } | null = null;

  constructor(private readonly modules: ModulesContainer) {}

  async report(): Promise<ReadinessReport> {
    const now = performance.now();
    if (this.latest === null || now - this.latest.at > SHARED_MS)
      this.latest = { at: now, report: this.ask() };
    return this.latest.report;
  }

  private async ask(): Promise<ReadinessReport> {
    const answers = this.checks().map(async (check) => [check.name, await inTime(check)] as const);
    return Object.fromEntries(await Promise.all(answers));
  }

  private checks(): readonly ReadinessCheck[] {
    const instances = [...this.modules.values()].flatMap((module) =>
      [...module.providers.values()].map((provider): unknown => provider.instance),
    );
    return [...new Set(instances)].filter((instance) => instance instanceof ReadinessCheck);
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
