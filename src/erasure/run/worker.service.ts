import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { EventLog } from '../../common/logging/event-log.js';
import { defineEvent } from '../../common/logging/event.js';
import { StopListener } from '../../common/stop-listener.js';
import { Settings } from '../../config/settings.js';
import { DatabaseFault } from '../../database/database-fault.js';
import { WorkQueue } from '../queue/work-queue.js';
import { Sweep } from './sweep.service.js';
import { WorkFinder } from './work-finder.service.js';

const workFailed = defineEvent('worker.work.failed', { code: 'code' });
const CLOSE_QUEUE_WITHIN_MS = 1_000;

/**
 * A worker: works on whatever can be claimed, woken up by the queue and, whatever became of the queue, by its own sweep.
 * It never waits for a particular piece of work, so a wake-up that is lost, late or doubled makes no difference but time.
 */
@Injectable()
export class Worker extends StopListener implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly loops = new Set<Promise<void>>();
  private stopping = false;
  /** Grows with every wake-up, so that a loop which was about to end looks once more. */
  private wakeUps = 0;
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> = Promise.resolve();

  constructor(
    private readonly queue: WorkQueue,
    private readonly finder: WorkFinder,
    private readonly sweep: Sweep,
    private readonly settings: Settings,
    private readonly log: EventLog,
  ) {
    super();
  }

  /** @throws ConfigurationError when the data map is wrong: a worker that does not know what to erase must not start */
  async onApplicationBootstrap(): Promise<void> {
    await this.sweep.begin();
    await this.queue.consume(this.settings.workerConcurrency, () => {
      this.wake();
      return Promise.resolve();
    });
    this.scheduleSweep();
    this.wake();
  }

  /** Work under way stops after its current transaction and is given back; what comes is left to other workers. */
  override onStop(): void {
    this.stopping = true;
    clearTimeout(this.timer);
    void this.queue.stopConsuming();
  }

  async onModuleDestroy(): Promise<void> {
    this.onStop();
    await Promise.all([...this.loops, this.sweeping]);
    await this.sweep.end();
    await this.queue.close(CLOSE_QUEUE_WITHIN_MS);
  }

  /** Starts a loop; those that run already look once more before they end. */
  private wake(): void {
    this.wakeUps += 1;
    this.startLoop();
  }

  /** If one more may run at once. Each that finds work starts the next: of one piece of work not all of them come running. */
  private startLoop(): void {
    if (this.stopping || this.loops.size >= this.settings.workerConcurrency) return;
    const loop: Promise<void> = this.work().finally(() => this.loops.delete(loop));
    this.loops.add(loop);
  }

  private async work(): Promise<void> {
    for (let seen = -1; !this.stopping && seen !== this.wakeUps;) {
      seen = this.wakeUps;
      try {
        while (
          await this.finder.workOnce(
            () => this.stopping,
            () => {
              this.startLoop();
            },
          )
        );
      } catch (error) {
        // The sweep comes back to it; a loop that went on at once would only turn faster.
        this.log.error(workFailed, { code: codeOf(error) });
        return;
      }
    }
  }

  private scheduleSweep(): void {
    const spread = 0.8 + Math.random() * 0.4;
    this.timer = setTimeout(
      () => {
        this.sweeping = this.sweepOnce();
      },
      this.settings.sweepSeconds * 1000 * spread,
    );
    this.timer.unref();
  }

  private async sweepOnce(): Promise<void> {
    try {
      await this.sweep.run();
    } catch (error) {
      this.log.error(workFailed, { code: codeOf(error) });
    }
    if (this.stopping) return;
    this.wake();
    this.scheduleSweep();
  }
}

function codeOf(error: unknown): string {
  if (error instanceof DatabaseFault) return error.sqlState;
  return error instanceof Error ? error.name : 'UNEXPECTED';
}
