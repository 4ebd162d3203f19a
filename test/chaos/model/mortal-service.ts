import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { type FaultPoint, watchFaultPoints } from '../../../src/config/fault-points.js';
import { type SettingsValues } from '../../../src/config/settings.js';
import { TestService } from '../../support/service.js';
import { PostgresProxy } from '../nemesis/postgres-proxy.js';

/** What happens to the service that gets there for the `nth` time. */
export interface Fault {
  readonly at: FaultPoint;
  readonly nth: number;
  /** `crash`: it is cut off and never goes on; `stall`: it goes on just when another takes over; `lose`: its connection breaks. */
  readonly what: 'crash' | 'stall' | 'lose';
}

/** Where a successor is met: it has written, holds no transaction, and has more to do. */
const MEETING: FaultPoint = 'erase-chunk:after-commit';
const STALL_MS = 3_000;
/** How long the successor leaves the field to the one that was taken over. */
const AHEAD_MS = 400;

/** What a test does when a fault happens. */
export interface Witness {
  /** A service crashed: it is time for another. */
  readonly onDeath: () => void;
  /** @returns whether a batch that is held now was taken over, when that is asked later */
  readonly look: () => Promise<() => Promise<boolean>>;
}

/**
 * A service of this process that can die as by SIGKILL, seen from outside: its connections end at once, nothing that it was
 * about to do is done, and it never comes back. Quicker than a process of its own, and so fit for thousands of runs.
 */
export class MortalService {
  private static readonly current = new AsyncLocalStorage<MortalService>();
  private static readonly thaw = new AbortController();

  /** Faults that have happened. */
  static readonly happened: Record<Fault['what'], number> = { crash: 0, stall: 0, lose: 0 };

  /** Stalls that ended because another took over. */
  static takenOver = 0;

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

  /** From now on the next fault is this one, in whichever service reaches it; null: none. */
  static arm(fault: Fault | null, { onDeath, look }: Witness): void {
    let left = fault?.nth ?? 0;
    let stalled: Stalled | null = null;
    watchFaultPoints(async (at) => {
      const service = this.current.getStore();
      if (service?.dead) return never(this.thaw.signal);
      if (at === MEETING && stalled && service !== stalled.service && (await stalled.takenOver())) {
        const { goOn } = stalled;
        stalled = null;
        this.takenOver += 1;
        goOn();
        await wait(AHEAD_MS);
      }
      if (!service || fault?.at !== at || (left -= 1) !== 0) return;
      this.happened[fault.what] += 1;
      switch (fault.what) {
        case 'lose':
          throw Object.assign(new Error('lost'), { code: 'ECONNRESET' });
        case 'stall': {
          const takenOver = await look();
          await Promise.race([
            new Promise<void>((goOn) => {
              stalled = { service, takenOver, goOn };
            }),
            wait(STALL_MS),
          ]);
          return;
        }
        case 'crash':
          await service.die();
          onDeath();
          return never(this.thaw.signal);
      }
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

interface Stalled {
  readonly service: MortalService;
  readonly takenOver: () => Promise<boolean>;
  readonly goOn: () => void;
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
