import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { EventLog } from '../../src/common/logging/event-log.js';
import { type AmountLimiter, SLICE_MS, SLICES } from '../../src/http/limits/amount-limiter.js';
import { InProcessAmountLimiter } from '../../src/http/limits/in-process-amount-limiter.js';
import { InProcessRateLimiter } from '../../src/http/limits/in-process-rate-limiter.js';
import { type RateLimiter, type RateWindow, windowsOf } from '../../src/http/limits/rate-limiter.js';
import { RedisAmountLimiter } from '../../src/http/limits/redis-amount-limiter.js';
import { RedisRateLimiter } from '../../src/http/limits/redis-rate-limiter.js';
import { Relay } from '../support/relay.js';
import { redisUrl, uniquePrefix } from '../support/redis.js';

const silent = new EventLog('silent');

/** Refuses to help: whoever falls back on it fails the test. */
class Never extends InProcessRateLimiter {
  override charge(): Promise<number> {
    throw new Error('counted without Redis');
  }
}

let redis: Redis;
beforeAll(async () => {
  redis = new Redis(redisUrl());
  await redis.ping();
});
afterAll(() => {
  redis.disconnect();
});

const kinds: readonly [string, (windows: readonly RateWindow[]) => RateLimiter][] = [
  ['in this process', (windows) => new InProcessRateLimiter(windows)],
  ['in Redis', (windows) => new RedisRateLimiter(redis, uniquePrefix(), windows, new Never(windows), silent)],
];

describe.each(kinds)('a limit that is counted %s', (_where, make) => {
  const inTurn = async (limiter: RateLimiter, key: string, times: number): Promise<number[]> => {
    const waits: number[] = [];
    for (let i = 0; i < times; i += 1) waits.push(await limiter.charge(key));
    return waits;
  };

  it('lets through as many as it says and tells when there is room again', async () => {
    const waits = await inTurn(make([{ limit: 3, milliseconds: 60_000 }]), 'erase:a', 5);
    expect(waits.slice(0, 3)).toEqual([0, 0, 0]);
    for (const wait of waits.slice(3)) expect(wait).toBeGreaterThan(55_000);
    for (const wait of waits) expect(wait).toBeLessThanOrEqual(60_000);
  });

  it('counts each key by itself', async () => {
    const limiter = make([{ limit: 1, milliseconds: 60_000 }]);
    expect(await limiter.charge('erase:a')).toBe(0);
    expect(await limiter.charge('read:a')).toBe(0);
    expect(await limiter.charge('erase:b')).toBe(0);
    expect(await limiter.charge('erase:a')).toBeGreaterThan(0);
  });

  it('counts what comes at once exactly', async () => {
    const limiter = make([{ limit: 60, milliseconds: 60_000 }]);
    const waits = await Promise.all(Array.from({ length: 200 }, () => limiter.charge('erase:a')));
    expect(waits.filter((wait) => wait === 0)).toHaveLength(60);
  });

  it('keeps the stricter of two windows', async () => {
    const minute = windowsOf(2, 10);
    expect((await inTurn(make(minute), 'erase:a', 3))[2]).toBeLessThanOrEqual(60_000);
    const hour = windowsOf(10, 2);
    expect((await inTurn(make(hour), 'erase:a', 3))[2]).toBeGreaterThan(3_500_000);
  });

  it('is off when it has no windows', async () => {
    expect(windowsOf(0, 0)).toEqual([]);
    expect(await inTurn(make(windowsOf(0, 0)), 'erase:a', 50)).toEqual(Array(50).fill(0));
    expect(windowsOf(0, 5)).toEqual([{ limit: 5, milliseconds: 3_600_000 }]);
  });

  it('rolls: never more than its limit in any span as long as its window, and never fewer for those who keep asking', async () => {
    const window = { limit: 5, milliseconds: 300 };
    const limiter = make([window]);
    const counted: { readonly before: number; readonly after: number }[] = [];
    const start = performance.now();
    while (performance.now() - start < 1500) {
      const before = performance.now();
      if ((await limiter.charge('erase:a')) === 0) counted.push({ before, after: performance.now() });
      await new Promise(setImmediate);
    }
    counted.forEach(({ before }, i) => {
      const fifthNext = counted[i + window.limit];
      // 2 ms: a limiter in whole milliseconds.
      if (fifthNext) expect(fifthNext.after - before).toBeGreaterThanOrEqual(window.milliseconds - 2);
    });
    expect(counted.length).toBeGreaterThanOrEqual(20);
  });

  it('gives room when it said it would', async () => {
    const limiter = make([{ limit: 1, milliseconds: 200 }]);
    await limiter.charge('erase:a');
    await new Promise((resolve) => setTimeout(resolve, 100));
    const wait = await limiter.charge('erase:a');
    // 2 ms: a limiter in whole milliseconds.
    expect(wait).toBeLessThanOrEqual(102);
    await new Promise((resolve) => setTimeout(resolve, wait + 2));
    expect(await limiter.charge('erase:a')).toBe(0);
  });
});

describe('a limit that is counted in Redis', () => {
  it('is one for all processes, and leaves nothing behind but ids of ours that expire', async () => {
    const prefix = uniquePrefix();
    const windows = windowsOf(2, 10);
    const [one, other] = [1, 2].map(
      () => new RedisRateLimiter(redis, prefix, windows, new Never([]), silent),
    );
    expect(await one?.charge('erase:a')).toBe(0);
    expect(await other?.charge('erase:a')).toBe(0);
    expect(await one?.charge('erase:a')).toBeGreaterThan(0);
    expect(await redis.keys(`${prefix}*`)).toEqual([`${prefix}:rate:erase:a`]);
    expect(await redis.pttl(`${prefix}:rate:erase:a`)).toBeGreaterThan(3_500_000);
    for (const member of await redis.zrange(`${prefix}:rate:erase:a`, 0, -1))
      expect(member).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('goes on in the process while Redis is away, and returns to Redis', async () => {
    const prefix = uniquePrefix();
    const relay = await Relay.to(redisUrl());
    const own = new Redis(relay.url, {
      commandTimeout: 100,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
    });
    own.on('error', () => undefined);
    await new Promise((resolve) => own.once('ready', resolve));
    const logged: string[] = [];
    const log = new EventLog('warn', { write: (line) => void logged.push(line) });
    const windows = [{ limit: 2, milliseconds: 60_000 }];
    const limiter = new RedisRateLimiter(own, prefix, windows, new InProcessRateLimiter(windows), log);
    expect(await limiter.charge('erase:a')).toBe(0);

    relay.hang();
    const started = performance.now();
    expect(await limiter.charge('erase:a')).toBe(0);
    expect(performance.now() - started).toBeLessThan(1000);
    expect(await limiter.charge('erase:a')).toBe(0);
    expect(await limiter.charge('erase:a')).toBeGreaterThan(0);
    expect(logged).toHaveLength(1);

    relay.recover();
    const deadline = performance.now() + 20_000;
    while ((await limiter.charge('erase:b')) === 0 || (await redis.exists(`${prefix}:rate:erase:b`)) === 0) {
      if (performance.now() > deadline) throw new Error('never went back to Redis');
    }
    own.disconnect();
    await relay.close();
  });
});

describe('a limit that is counted in this process', () => {
  it('has a memory that ends: the keys used longest ago are forgotten', async () => {
    const limiter = new InProcessRateLimiter([{ limit: 2, milliseconds: 60_000 }], () => 0, 6);
    for (const key of ['a', 'a', 'b', 'b', 'c', 'c', 'a']) await limiter.charge(key);
    await limiter.charge('d');
    expect(await limiter.charge('a')).toBeGreaterThan(0);
    expect(await limiter.charge('b')).toBe(0);
  });
});

const amountKinds: readonly [string, (perHour: number) => AmountLimiter][] = [
  ['in this process', (perHour) => new InProcessAmountLimiter(perHour)],
  [
    'in Redis',
    (perHour) => new RedisAmountLimiter(redis, uniquePrefix(), perHour, new NeverAlone(perHour), silent),
  ],
];

/** Refuses to help: whoever falls back on it fails the test. */
class NeverAlone extends InProcessAmountLimiter {
  override charge(): Promise<number> {
    throw new Error('counted without Redis');
  }
}

describe.each(amountKinds)('amounts that are counted %s', (_where, make) => {
  const hour = 3_600_000;

  it('are let through as long as there is room for all of them, and what is refused is not counted', async () => {
    const limiter = make(10);
    expect(await limiter.charge('bulk:a', 6)).toBe(0);
    const wait = await limiter.charge('bulk:a', 5);
    expect(wait).toBeGreaterThan(hour - 1_000);
    expect(wait).toBeLessThanOrEqual(hour + SLICE_MS);
    expect(await limiter.charge('bulk:a', 4)).toBe(0);
    expect(await limiter.charge('bulk:a', 1)).toBeGreaterThan(0);
    expect(await limiter.charge('bulk:b', 10)).toBe(0);
  });

  it('of nothing ask whether there is room for anything', async () => {
    const limiter = make(3);
    expect(await limiter.charge('bulk:a', 0)).toBe(0);
    await limiter.charge('bulk:a', 3);
    expect(await limiter.charge('bulk:a', 0)).toBeGreaterThan(0);
  });

  it('that come at once are counted exactly', async () => {
    const limiter = make(1_000);
    const waits = await Promise.all(Array.from({ length: 50 }, () => limiter.charge('bulk:a', 30)));
    expect(waits.filter((wait) => wait === 0)).toHaveLength(33);
  });

  it('that are more than the limit never fit', async () => {
    expect(await make(10).charge('bulk:a', 11)).toBe(hour);
  });

  it('have no limit where it is 0', async () => {
    expect(await make(0).charge('bulk:a', 1_000_000_000)).toBe(0);
  });
});

describe('amounts', () => {
  it('fit again when those that count have left the hour, the oldest first', async () => {
    let now = 0;
    const limiter = new InProcessAmountLimiter(10, () => now);
    await limiter.charge('bulk:a', 6);
    now = 10 * SLICE_MS;
    await limiter.charge('bulk:a', 4);
    expect(await limiter.charge('bulk:a', 6)).toBe((SLICES - 10) * SLICE_MS);
    expect(await limiter.charge('bulk:a', 7)).toBe(SLICES * SLICE_MS);
    now = SLICES * SLICE_MS - 1;
    expect(await limiter.charge('bulk:a', 1)).toBe(1);
    now = SLICES * SLICE_MS;
    expect(await limiter.charge('bulk:a', 6)).toBe(0);
  });

  it('in Redis are one for all processes, remembered by the minute under an id of ours, and expire', async () => {
    const prefix = uniquePrefix();
    const [one, other] = [1, 2].map(
      () => new RedisAmountLimiter(redis, prefix, 10, new NeverAlone(10), silent),
    );
    for (let n = 0; n < 5; n += 1) {
      expect(await one?.charge('bulk:a', 1)).toBe(0);
      expect(await other?.charge('bulk:a', 1)).toBe(0);
    }
    expect(await one?.charge('bulk:a', 1)).toBeGreaterThan(0);
    expect(await redis.keys(`${prefix}*`)).toEqual([`${prefix}:rate:bulk:a`]);
    expect(await redis.pttl(`${prefix}:rate:bulk:a`)).toBeGreaterThan(3_500_000);
    const minutes = await redis.hgetall(`${prefix}:rate:bulk:a`);
    expect(Object.values(minutes).reduce((sum, amount) => sum + Number(amount), 0)).toBe(10);
    // As if it had all been an hour ago.
    for (const [minute, amount] of Object.entries(minutes)) {
      await redis.hdel(`${prefix}:rate:bulk:a`, minute);
      await redis.hset(`${prefix}:rate:bulk:a`, String(Number(minute) - SLICES), amount);
    }
    expect(await other?.charge('bulk:a', 10)).toBe(0);
  });
});
