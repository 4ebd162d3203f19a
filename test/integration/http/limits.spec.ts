import { afterEach, describe, expect, it } from '@jest/globals';
import { type SettingsValues } from '../../../src/config/settings.js';
import { Redis } from 'ioredis';
import { redisUrl, uniquePrefix } from '../../support/redis.js';
import { ACCOUNT, DoorWorld, LETTERS, OTHER_ACCOUNT, told } from './door-world.js';

describe('the limits of the door', () => {
  let world: DoorWorld;
  afterEach(() => world.close());

  const open = async (settings: Partial<SettingsValues>): Promise<void> => {
    world = await DoorWorld.open(settings);
  };
  const write = (token: string, path = ''): Promise<Response> =>
    fetch(world.url + LETTERS + path, {
      method: 'POST',
      headers: { auth: token, 'content-type': 'application/json' },
      body: '{"text":"a"}',
    });
  const read = (token: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${world.url}${LETTERS}/status/Known-1`, { headers: { auth: token, ...headers } });

  it('hold for an account over all its apps, in two buckets, and for no other account', async () => {
    await open({ rateLimitPerMinute: 2 });
    const [one, other] = [await world.token(), await world.token()];
    expect((await write(one)).status).toBe(200);
    expect((await write(other)).status).toBe(200);
    const refused = await write(one);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect(await told(refused)).toEqual({
      status: 429,
      msg: 'Rate limit for this API has been reached. Please try again after some time.',
      code: 429,
      reason: 'RATE_LIMITED',
    });
    expect((await read(one)).status).toBe(200);
    expect((await write(one, '/unlimited')).status).toBe(200);
    expect((await write(await world.token({ accountId: OTHER_ACCOUNT }))).status).toBe(200);
  });

  it('count no call whose token is not that of the account, whatever it claims', async () => {
    await open({ rateLimitPerMinute: 1 });
    const token = await world.token();
    for (let i = 0; i < 5; i += 1) expect((await write(`${token}x`)).status).toBe(401);
    expect((await write(token)).status).toBe(200);
  });

  it('are off when they are 0', async () => {
    await open({ rateLimitPerMinute: 0, rateLimitPerHour: 0, authFailuresPerMinute: 0 });
    const token = await world.token();
    for (let i = 0; i < 70; i += 1) expect((await read(token)).status).toBe(200);
    for (let i = 0; i < 70; i += 1) expect((await read('x')).status).toBe(401);
  });

  it('hold over processes that share a Redis, where only ids of ours go', async () => {
    const redisPrefix = uniquePrefix();
    await open({ rateLimitPerMinute: 3, redisUrl: redisUrl(), redisPrefix });
    const second = await DoorWorld.open({ rateLimitPerMinute: 3, redisUrl: redisUrl(), redisPrefix });
    const redis = new Redis(redisUrl());
    try {
      const [here, there] = [await world.token(), await second.token()];
      const statuses: number[] = [];
      for (let i = 0; i < 3; i += 1) {
        statuses.push((await read(here)).status);
        statuses.push(
          (await fetch(`${second.url}${LETTERS}/status/Known-1`, { headers: { auth: there } })).status,
        );
      }
      expect(statuses.filter((status) => status === 200)).toHaveLength(3);
      expect(await redis.keys(`${redisPrefix}*`)).toEqual([`${redisPrefix}:rate:read:${ACCOUNT}`]);
    } finally {
      redis.disconnect();
      await second.close();
    }
  });

  it('loosen but do not refuse while Redis is not there', async () => {
    await open({ rateLimitPerMinute: 2, redisUrl: 'redis://127.0.0.1:1', redisTimeoutMs: 200 });
    const token = await world.token();
    const statuses = [(await read(token)).status, (await read(token)).status, (await read(token)).status];
    expect(statuses).toEqual([200, 200, 429]);
  });

  it('refuse an address that fails too often, and let in from there who knows a secret', async () => {
    await open({ authFailuresPerMinute: 3 });
    const token = await world.token();
    for (let i = 0; i < 10; i += 1) expect((await read(token)).status).toBe(200);
    for (let i = 0; i < 3; i += 1) expect((await read('wrong')).status).toBe(401);
    const refused = await read('wrong');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50);
    expect((await read('')).status).toBe(429);
    expect((await read(token)).status).toBe(200);
  });

  it('believe a forwarded address from a trusted proxy only', async () => {
    await open({ authFailuresPerMinute: 1 });
    expect((await read('x', { 'x-forwarded-for': '192.0.2.1' })).status).toBe(401);
    expect((await read('x', { 'x-forwarded-for': '192.0.2.2' })).status).toBe(429);
    await world.close();

    await open({ authFailuresPerMinute: 1, trustedProxies: ['127.0.0.0/8', '10.0.0.0/8'] });
    expect((await read('x', { 'x-forwarded-for': '192.0.2.1' })).status).toBe(401);
    expect((await read('x', { 'x-forwarded-for': '192.0.2.2, 10.0.0.1' })).status).toBe(401);
    // What a client wrote itself stands to the left of what the proxy saw.
    expect((await read('x', { 'x-forwarded-for': '203.0.113.9, 192.0.2.1' })).status).toBe(429);
    expect((await read('x', { 'x-forwarded-for': 'nonsense, ::ffff:192.0.2.2' })).status).toBe(429);
    expect((await read('x', { 'x-forwarded-for': 'nonsense' })).status).toBe(401);
  });
});
