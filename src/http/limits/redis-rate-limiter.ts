import { randomUUID } from 'node:crypto';
import { type Redis } from 'ioredis';
import { type EventLog } from '../../common/logging/event-log.js';
import { RateLimiter, type RateWindow } from './rate-limiter.js';
import { RedisScript } from './redis-script.js';

/**
 * A sorted set of the times of uses, in Redis's own clock, so that processes whose clocks differ count alike. Atomic: the
 * script looks, counts and answers in one. ARGV: a unique name for this use, then limit and milliseconds of each window.
 */
const CHARGE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local longest = 0
for i = 2, #ARGV, 2 do longest = math.max(longest, tonumber(ARGV[i + 1])) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - longest)
local uses = redis.call('ZCARD', KEYS[1])
local wait = 0
for i = 2, #ARGV, 2 do
  local limit = tonumber(ARGV[i])
  if uses >= limit then
    local blocking = redis.call('ZRANGE', KEYS[1], -limit, -limit, 'WITHSCORES')
    wait = math.max(wait, blocking[2] + ARGV[i + 1] - now)
  end
end
if wait == 0 then
  redis.call('ZADD', KEYS[1], now, ARGV[1])
  redis.call('PEXPIRE', KEYS[1], longest)
end
return wait`;

/**
 * Counts in Redis, over all processes that share its prefix. While Redis is away each process counts by itself, so that
 * limits loosen instead of refusing everyone. Keys must be ids of ours: nothing personal goes to Redis.
 */
export class RedisRateLimiter extends RateLimiter {
  private readonly script: RedisScript;

  constructor(
    redis: Redis,
    prefix: string,
    private readonly windows: readonly RateWindow[],
    private readonly alone: RateLimiter,
    log: EventLog,
  ) {
    super();
    this.script = new RedisScript(redis, prefix, CHARGE, log);
  }

  override async charge(key: string): Promise<number> {
    if (this.windows.length === 0) return 0;
    const windows = this.windows.flatMap(({ limit, milliseconds }) => [limit, milliseconds]);
    return this.script.run(key, [randomUUID(), ...windows], () => this.alone.charge(key));
  }
}
