import { handOver } from './hand-over.js';
import { WorkQueue } from './work-queue.js';

/**
 * Wakes up the worker in this very process: for a service without Redis. Wake-ups that nobody in this process consumes are
 * dropped; a worker in another process finds the work by its sweep.
 */
export class InProcessWorkQueue extends WorkQueue {
  private onWake: ((id: string) => Promise<void>) | null = null;
  private readonly waiting: string[] = [];
  private readonly running = new Set<Promise<void>>();
  private concurrency = 0;
  private closed = false;

  override announce(ids: readonly string[]): Promise<void> {
    if (this.onWake) {
      this.waiting.push(...ids);
      // Not in the caller's turn: whoever accepts a request answers before anybody works on it.
      setImmediate(() => {
        this.hand();
      });
    }
    return Promise.resolve();
  }

  override consume(concurrency: number, onWake: (id: string) => Promise<void>): Promise<void> {
    this.concurrency = concurrency;
    if (!this.closed) this.onWake = onWake;
    return Promise.resolve();
  }

  override stopConsuming(): Promise<void> {
    this.onWake = null;
    this.waiting.length = 0;
    return Promise.resolve();
  }

  override async close(graceMs: number): Promise<void> {
    this.closed = true;
    await this.stopConsuming();
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, graceMs);
    });
    await Promise.race([Promise.all(this.running), grace]);
    clearTimeout(timer);
  }

  private hand(): void {
    while (this.onWake && this.running.size < this.concurrency) {
      const id = this.waiting.shift();
      if (id === undefined) return;
      const { onWake } = this;
      const run = handOver(() => onWake(id)).finally(() => {
        this.running.delete(run);
        this.hand();
      });
      this.running.add(run);
    }
  }
}
