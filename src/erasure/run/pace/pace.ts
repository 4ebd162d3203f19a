import { Injectable } from '@nestjs/common';
import { Clock } from '../../../common/clock.js';
import { Settings } from '../../../config/settings.js';
import { Stopping } from '../claim.js';
import { Neighbours } from './neighbours.js';
import { type Waiting } from './waiting.js';

/** Whoever wants to erase. */
export interface Eraser {
  readonly stopping: () => boolean;
  /** Waits for the rest of those before it; a few people who have just come do not. */
  readonly rests: boolean;
  /** Keeps the claim alive while it waits, and says in the rows what for. */
  readonly signOfLife: (waiting: Waiting | null) => Promise<void>;
}

/** What one turn has told of itself. */
interface Signs {
  /** When its claim was renewed, or the turn began. */
  lastMs: number;
}

/** How long a stop may go unnoticed. */
const LOOK_UP_MS = 50;
/**
 * How long it rests for each millisecond of work. A chat on two cores is slower while a transaction lasts, however short it
 * is: for its 99th percentile to stay what it was, they may last a small share of the time only, while how long a single
 * one lasts hardly matters then (bench/where-the-time-goes.md).
 */
const REST = 20;
const LONGEST_REST_MS = 5_000;
/** Even where a standby never catches up, what people are entitled to gets done, if slowly. */
const LONGEST_WAIT_MS = 30_000;

/**
 * How fast a process erases. `full`: whatever there is to do, at once. `gentle`: one transaction at a time, a rest after
 * each, and none while others suffer from it.
 */
@Injectable()
export class Pace {
  /** Of those who rest: settles when everybody before has had their turn. */
  private queue: Promise<unknown> = Promise.resolve();
  private queued = 0;
  /** Settles when whoever works now has ended. */
  private working: Promise<void> = Promise.resolve();
  private restUntil = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly settings: Settings,
    private readonly neighbours: Neighbours,
    private readonly clock: Clock,
  ) {}

  /**
   * Runs `work`, one transaction, when it is time to.
   *
   * @throws Stopping, what `signOfLife` throws (the claim may be lost meanwhile), and what `work` throws
   */
  async turn<T>(eraser: Eraser, work: () => Promise<T>): Promise<T> {
    if (this.settings.pace === 'full') return work();
    const signs: Signs = { lastMs: this.clock.elapsedMs() };
    if (!eraser.rests) {
      await this.giveWay(eraser, signs);
      return this.alone(work);
    }
    const before = this.queue;
    let end = (): void => undefined;
    const mine = new Promise<void>((resolve) => (end = resolve));
    this.queue = Promise.all([before, mine]);
    this.queued += 1;
    try {
      if (this.queued > 1) await this.turnComes(eraser, signs, before);
      await this.rest(eraser, signs);
      await this.giveWay(eraser, signs);
      return await this.alone(work);
    } finally {
      this.queued -= 1;
      end();
    }
  }

  /** After whoever works now. */
  private async alone<T>(work: () => Promise<T>): Promise<T> {
    const before = this.working;
    let end = (): void => undefined;
    this.working = new Promise((resolve) => (end = resolve));
    await before;
    try {
      return await this.timed(work);
    } finally {
      end();
    }
  }

  private async timed<T>(work: () => Promise<T>): Promise<T> {
    const began = this.clock.elapsedMs();
    // Looks on another connection while this one holds its locks.
    this.neighbours.look();
    try {
      return await work();
    } finally {
      const now = this.clock.elapsedMs();
      this.restUntil = Math.max(this.restUntil, now + Math.min(REST * (now - began), LONGEST_REST_MS));
    }
  }

  private async turnComes(eraser: Eraser, signs: Signs, before: Promise<unknown>): Promise<void> {
    let mine = false;
    const turn = before.then(() => {
      mine = true;
    });
    await this.wait(
      eraser,
      signs,
      () => (mine ? 'over' : null),
      () => Promise.race([turn, this.clock.sleep(LOOK_UP_MS)]),
    );
  }

  private async rest(eraser: Eraser, signs: Signs): Promise<void> {
    const left = (): number => this.restUntil - this.clock.elapsedMs();
    await this.wait(
      eraser,
      signs,
      () => (left() <= 0 ? 'over' : null),
      () => this.clock.sleep(Math.min(left(), LOOK_UP_MS)),
    );
  }

  private async giveWay(eraser: Eraser, signs: Signs): Promise<void> {
    const until = this.clock.elapsedMs() + LONGEST_WAIT_MS;
    const state = (): 'over' | Waiting => {
      this.neighbours.look();
      return this.clock.elapsedMs() >= until ? 'over' : (this.neighbours.waitFor ?? 'over');
    };
    await this.wait(eraser, signs, state, () => this.clock.sleep(LOOK_UP_MS));
  }

  /** @param state 'over', or what is waited for; null: for nothing that anybody has to know */
  private async wait(
    { stopping, signOfLife }: Eraser,
    signs: Signs,
    state: () => 'over' | Waiting | null,
    sleep: () => Promise<unknown>,
  ): Promise<void> {
    const signEveryMs = (this.settings.leaseSeconds * 1_000) / 3;
    let said: Waiting | null = null;
    for (let now = state(); now !== 'over'; now = state()) {
      if (stopping()) throw new Stopping();
      if (now !== said || this.clock.elapsedMs() - signs.lastMs >= signEveryMs) {
        await signOfLife(now);
        said = now;
        signs.lastMs = this.clock.elapsedMs();
      }
      await sleep();
    }
  }
}
