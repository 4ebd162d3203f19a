import { setTimeout as wait } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';

/** What time it is in this process; tests give another one. Times in the database are the database's. */
@Injectable()
export class Clock {
  now(): Date {
    return new Date();
  }

  /** Milliseconds since some moment, for measuring spans: does not jump when the clock is set. */
  elapsedMs(): number {
    return performance.now();
  }

  async sleep(ms: number): Promise<void> {
    await wait(ms);
  }
}
