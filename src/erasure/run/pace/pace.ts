import { Injectable } from '@nestjs/common';
import { Clock } from '../../../common/clock.js';
import { Settings } from '../../../config/settings.js';
import { Stopping } from '../claim.js';
import { Neighbours } from './neighbours.js';
import { OneAfterAnother } from './one-after-another.js';
import { type Waiting } from './waiting.js';

/** Whoever wants to erase, or to write much that is needed for it. */
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

type State = 'over' | Waiting | null;

/** How long a stop may go unnoticed. */
const LOOK_UP_MS = 50;
/** A transaction of this age holds the locks that others may wait for. */
const LOOK_AMID_MS = 50;
/**
 * How long it rests for each millisecond of work. A chat on two cores is slower while a transaction lasts, however short it
 * is: for its 99th percentile to stay what it was, they may last a small share of the time only, while how long a single
 * one lasts hardly matters then (bench/where-the-time-goes.md).
 */
const REST = 30;
const LONGEST_REST_MS = 5_000;
/** Even where a standby never catches up, what people are entitled to gets done, if slowly. */
const LONGEST_WAIT_MS = 30_000;

/**
 * How fast a process works. `full`: whatever there is to do, at once. `gentle`: one transaction at a time, a rest after
 * each, and none while others suffer from it.
 */
@Injectable()
export class Pace {
  private readonly resting = new OneAfterAnother();
  private readonly working = new OneAfterAnother();
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
    const { turn, leave } = this.resting.come();
    try {
      if (turn) await this.turnComes(eraser, signs, turn);
      await this.rest(eraser, signs);
      await this.giveWay(eraser, signs);
      return await this.alone(work);
    } finally {
      leave();
    }
  }

  /** After whoever works now. */
  private async alone<T>(work: () => Promise<T>): Promise<T> {
    const { turn, leave } = this.working.come();
    try {
      await turn;
      return await this.timed(work);
    } finally {
      leave();
    }
  }

  private async timed<T>(work: () => Promise<T>): Promise<T> {
    const began = this.clock.elapsedMs();
    // On another connection, while this one holds its locks.
    const amid = setTimeout(() => void this.neighbours.look(), LOOK_AMID_MS);
    try {
      return await work();
    } finally {
      clearTimeout(amid);
      const now = this.clock.elapsedMs();
      // Sessions that waited for its locks have them now: it is the next transaction that should keep them waiting later.
      const others = this.neighbours.waitFor?.reason === 'LOCK_WAITERS';
      const restMs = others ? LONGEST_REST_MS : Math.min(REST * (now - began), LONGEST_REST_MS);
      this.restUntil = Math.max(this.restUntil, now + restMs);
    }
  }

  private async turnComes(eraser: Eraser, signs: Signs, before: Promise<void>): Promise<void> {
    let mine = false;
    const turn = before.then(() => {
      mine = true;
    });
    await this.wait(
      eraser,
      signs,
      () => (mine ? 'over' : this.neighbours.waitFor),
      () => Promise.race([turn, this.clock.sleep(LOOK_UP_MS)]),
    );
  }

  /** However many of those who need not rest pass meanwhile, it ends. */
  private async rest(eraser: Eraser, signs: Signs): Promise<void> {
    const latest = this.clock.elapsedMs() + LONGEST_REST_MS;
    const left = (): number => Math.min(this.restUntil, latest) - this.clock.elapsedMs();
    await this.wait(
      eraser,
      signs,
      () => (left() <= 0 ? 'over' : this.neighbours.waitFor),
      () => this.clock.sleep(Math.min(left(), LOOK_UP_MS)),
    );
  }

  private async giveWay(eraser: Eraser, signs: Signs): Promise<void> {
    const until = this.clock.elapsedMs() + LONGEST_WAIT_MS;
    const state = async (): Promise<'over' | Waiting> => {
      await this.neighbours.lookAgain();
      return this.clock.elapsedMs() >= until ? 'over' : (this.neighbours.waitFor ?? 'over');
    };
    await this.wait(eraser, signs, state, () => this.clock.sleep(LOOK_UP_MS));
  }

  /** @param state 'over', or what is waited for; null: for nothing that anybody has to know */
  private async wait(
    { stopping, signOfLife }: Eraser,
    signs: Signs,
    state: () => State | Promise<State>,
    sleep: () => Promise<unknown>,
  ): Promise<void> {
    const signEveryMs = (this.settings.leaseSeconds * 1_000) / 3;
    let said: Waiting | null = null;
    for (let now = await state(); now !== 'over'; now = await state()) {
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
