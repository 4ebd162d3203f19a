import { setTimeout as wait } from 'node:timers/promises';
import { type OnApplicationShutdown } from '@nestjs/common';
import { type JobOptions, type Queue } from 'bull';
import { type EventLog } from '../../common/logging/event-log.js';
import { defineEvent } from '../../common/logging/event.js';
import { type BullConnections } from './bull-connections.js';
import { handOver } from './hand-over.js';
import { WorkQueue } from './work-queue.js';

/** A wake-up, as it lies in Redis: an id of ours and nothing else. */
export interface WakeUp {
  readonly id: string;
}

interface Job {
  readonly data: WakeUp;
  readonly opts: JobOptions;
}

const unreachable = defineEvent('queue.unreachable', { code: 'code' });

/** More would wake the same workers: each works until nothing is left. */
const MOST_WAKE_UPS = 64;
/** How long Redis is left alone after it was told, for the same reason: then it is told of all that came meanwhile. */
const REST_MS = 20;

/** Wakes up any number of workers on any number of hosts, through Bull on Redis. */
export class BullWorkQueue extends WorkQueue implements OnApplicationShutdown {
  private reachable = true;
  private gathered: string[] = [];
  /** Under way, and the rest behind it; and the one that will tell what was gathered meanwhile. */
  private telling: Promise<void> = Promise.resolve();
  private next: Promise<void> | null = null;
  private closed = false;
  /** Bull ends its own connections then, and calls that an error. */
  private ending = false;

  constructor(
    private readonly queue: Queue<WakeUp>,
    private readonly connections: BullConnections,
    private readonly timeoutMs: number,
    private readonly log: EventLog,
  ) {
    super();
    // Without a listener an error of the connection would end the process; what it says may quote the address.
    queue.on('error', (error) => {
      this.lost(error);
    });
    queue.client.on('ready', () => {
      this.reachable = true;
    });
    // Bull names its connection in a promise that it leaves alone: where the connection ends meanwhile, the process would.
    Object.assign(queue, { setWorkerName: () => Promise.resolve() });
  }

  override async announce(ids: readonly string[]): Promise<void> {
    if (this.closed) return;
    // Commands wait in memory while Redis is away: rather none than one for every request that was accepted meanwhile.
    if (!this.reachable && this.queue.client.status !== 'ready') return;
    this.gathered.push(...ids);
    // What comes while Redis is being told of others, or a moment later, goes there together.
    this.next ??= this.telling.then(() => this.tell());
    await bounded(this.next, this.timeoutMs).catch((error: unknown) => {
      this.lost(error);
    });
  }

  override consume(concurrency: number, onWake: (id: string) => Promise<void>): Promise<void> {
    if (this.closed) return Promise.resolve();
    this.queue
      .process(concurrency, async (job) => {
        await handOver(() => onWake(job.data.id));
      })
      .catch((error: unknown) => {
        this.lost(error);
      });
    return Promise.resolve();
  }

  override async stopConsuming(): Promise<void> {
    if (this.closed) return;
    this.ending = true;
    // Of this process alone, and without waiting for jobs: they are wake-ups, handed on as soon as they come.
    this.connections.stopWaiting();
    await bounded(this.queue.pause(true, true), this.timeoutMs).catch((error: unknown) => {
      this.lost(error);
    });
  }

  override async close(graceMs: number): Promise<void> {
    this.closed = true;
    this.ending = true;
    // Without waiting for jobs: they are wake-ups, and a job that runs has long handed its work to the worker.
    await bounded(this.queue.close(true), graceMs).catch((error: unknown) => {
      this.lost(error);
    });
    this.connections.end();
  }

  /** A process without a worker has nobody else who closes it. */
  async onApplicationShutdown(): Promise<void> {
    if (!this.closed) await this.close(this.timeoutMs);
  }

  private tell(): Promise<void> {
    this.next = null;
    const jobs = this.gathered.splice(0).slice(0, MOST_WAKE_UPS).map(wakeUp);
    const told = bounded(this.add(jobs), this.timeoutMs);
    // Whoever announced is told of a failure; the next ones are not held up by it.
    this.telling = Promise.all([told.catch(() => undefined), wait(REST_MS, undefined, { ref: false })]).then(
      () => undefined,
    );
    return told;
  }

  private async add(jobs: readonly Job[]): Promise<void> {
    const [first, ...others] = jobs;
    // A single one, as nearly always, is a command instead of a transaction of three.
    if (first && others.length === 0) await this.queue.add(first.data, first.opts);
    else await this.queue.addBulk([...jobs]);
  }

  private lost(error: unknown): void {
    if (!this.reachable || this.ending) return;
    this.reachable = false;
    const code =
      error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN';
    this.log.warn(unreachable, { code });
  }
}

/** No history in Redis, and no id of a job: a job that stayed there would silently swallow the next of its id. */
function wakeUp(id: string): Job {
  return { data: { id }, opts: { removeOnComplete: true, removeOnFail: true } };
}

async function bounded<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(Object.assign(new Error('late'), { code: 'TIMEOUT' }));
    }, timeoutMs);
  });
  // Whoever loses the race must not end the process when it fails later.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
