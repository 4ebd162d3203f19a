import { type Redis } from 'ioredis';
import { type EventLog } from '../../common/logging/event-log.js';
import { defineEvent } from '../../common/logging/event.js';

const away = defineEvent('limits.redis.away', { code: 'code' });

/** How long Redis is left alone after it failed: else every call would wait for its time-out. */
const REST_MS = 1000;

/** A script that counts in Redis, atomically. While Redis is away each process counts by itself instead. */
export class RedisScript {
  private restUntil = 0;

  constructor(
    private readonly redis: Redis,
    private readonly prefix: string,
    private readonly script: string,
    private readonly log: EventLog,
  ) {}

  /** @param alone counts in this process */
  async run(key: string, args: readonly (string | number)[], alone: () => Promise<number>): Promise<number> {
    if (performance.now() < this.restUntil) return alone();
    try {
      return Number(await this.redis.eval(this.script, 1, `${this.prefix}:rate:${key}`, ...args));
    } catch (error) {
      this.restUntil = performance.now() + REST_MS;
      this.log.warn(away, { code: error instanceof Error ? error.name : 'unknown' });
      return alone();
    }
  }
}
