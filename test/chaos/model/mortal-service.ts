import { AsyncLocalStorage } from 'node:async_hooks';
import { type FaultPoint, watchFaultPoints } from '../../../src/config/fault-points.js';
import { type SettingsValues } from '../../../src/config/settings.js';
import { TestService } from '../../support/service.js';
import { PostgresProxy } from '../nemesis/postgres-proxy.js';

/** What happens to the service that gets there for the `nth` time. */
export interface Fault {
  readonly at: FaultPoint;
  readonly nth: number;
  /** `crash`: it is cut off and never goes on; `stall`: it goes on when others have long taken over; `lose`: its connection breaks. */
  readonly what: 'crash' | 'stall' | 'lose';
}

const STALL_MS = 1_500;

/**
 * A service of this process that can die as by SIGKILL, seen from outside: its connections end at once, nothing that it was
 * about to do is done, and it never comes back. Quicker than a process of its own, and so fit for thousands of runs.
 */
export class MortalService {
  private static readonly current = new AsyncLocalStorage<MortalService>();
  private static readonly thaw = new AbortController();

  private dead = false;
  private service: TestService | null = null;

  private constructor(private readonly proxy: PostgresProxy) {}

  static async start(databaseUrl: string, settings: Partial<SettingsValues>): Promise<MortalService> {
    const url = new URL(databaseUrl);
    const port = Number(url.port);
    const proxy = await PostgresProxy.to(() => port);
    url.port = String(proxy.port);
    const mortal = new MortalService(proxy);
    mortal.service = await this.current.run(mortal, () => TestService.start(url.href, settings));
    return mortal;
  }

  /** From now on the next fault is this one, in whichever service reaches it; null: none. @param onDeath of a crash */
  static arm(fault: Fault | null, onDeath: () => void = () => undefined): void {
    let left = fault?.nth ?? 0;
    watchFaultPoints(async (at) => {
      const service = this.current.getStore();
      if (service?.dead) return never(this.thaw.signal);
      if (!service || fault?.at !== at || (left -= 1) !== 0) return;
      if (fault.what === 'stall') await new Promise((resolve) => setTimeout(resolve, STALL_MS));
      if (fault.what === 'lose') throw Object.assign(new Error('lost'), { code: 'ECONNRESET' });
      if (fault.what !== 'crash') return;
      await service.die();
      onDeath();
      return never(this.thaw.signal);
    });
  }

  get url(): string {
    return this.running.url;
  }

  get alive(): boolean {
    return !this.dead;
  }

  get running(): TestService {
    if (!this.service) throw new Error('not started');
    return this.service;
  }

  async die(): Promise<void> {
    this.dead = true;
    await this.proxy.close();
  }

  /** In good order, if it lives. The dead go too, so that nothing of them is left in this process. */
  async stop(): Promise<void> {
    await this.running.stop();
    if (!this.dead) await this.proxy.close();
  }

  /** Ends what stood still for ever: the run is over. */
  static release(): void {
    this.thaw.abort();
    watchFaultPoints(null);
  }
}

function never(released: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = (): void => {
      reject(new Error('dead'));
    };
    if (released.aborted) fail();
    else released.addEventListener('abort', fail);
  });
}
