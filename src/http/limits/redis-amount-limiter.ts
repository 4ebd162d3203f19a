import { type Redis } from 'ioredis';
import { type EventLog } from '../../common/logging/event-log.js';
import { AmountLimiter, SLICE_MS, SLICES } from './amount-limiter.js';
import { HOUR_MS } from './rate-limiter.js';
import { RedisScript } from './redis-script.js';

/**
 * A hash of amounts by slice of Redis's own clock, so that processes whose clocks differ count alike. ARGV: the amount, the
 * limit, milliseconds of a slice, slices that count, and what to answer where there will never be room.
 */
const CHARGE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local amount, limit, length, slices = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local slice = math.floor(now / length)
local known = redis.call('HGETALL', KEYS[1])
local amounts, tooMuch = {}, math.max(amount, 1) - limit
for i = 1, #known, 2 do
  if tonumber(known[i]) <= slice - slices then redis.call('HDEL', KEYS[1], known[i])
  else
    amounts[#amounts + 1] = { tonumber(known[i]), tonumber(known[i + 1]) }
    tooMuch = tooMuch + known[i + 1]
  end
end
if tooMuch <= 0 then
  if amount > 0 then
    redis.call('HINCRBY', KEYS[1], slice, amount)
    redis.call('PEXPIRE', KEYS[1], slices * length)
  end
  return 0
end
table.sort(amounts, function (a, b) return a[1] < b[1] end)
for _, one in ipairs(amounts) do
  tooMuch = tooMuch - one[2]
  if tooMuch <= 0 then return (one[1] + slices) * length - now end
end
return tonumber(ARGV[5])`;

/** Counts in Redis, over all processes that share its prefix. Keys must be ids of ours: nothing personal goes to Redis. */
export class RedisAmountLimiter extends AmountLimiter {
  private readonly script: RedisScript;

  /** @param perHour 0: no limit */
  constructor(
    redis: Redis,
    prefix: string,
    private readonly perHour: number,
    private readonly alone: AmountLimiter,
    log: EventLog,
  ) {
    super();
    this.script = new RedisScript(redis, prefix, CHARGE, log);
  }

  override async charge(key: string, amount: number): Promise<number> {
    if (this.perHour === 0) return 0;
    const args = [amount, this.perHour, SLICE_MS, SLICES, HOUR_MS];
    return this.script.run(key, args, () => this.alone.charge(key, amount));
  }
}
