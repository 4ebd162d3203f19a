import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import Bull from 'bull';
import { EventLog } from '../../src/common/logging/event-log.js';
import { BullConnections } from '../../src/erasure/queue/bull-connections.js';
import { BullWorkQueue, type WakeUp } from '../../src/erasure/queue/bull-work-queue.js';
import { InProcessWorkQueue } from '../../src/erasure/queue/in-process-work-queue.js';
import { type WorkQueue } from '../../src/erasure/queue/work-queue.js';
import { redisUrl, uniquePrefix } from '../support/redis.js';

const log = new EventLog('silent');

function bullOn(url: string, prefix: string, timeoutMs = 500): BullWorkQueue {
  const connections = new BullConnections(url);
  return new BullWorkQueue(
    new Bull('wake-ups', { createClient: connections.create, prefix }),
    connections,
    timeoutMs,
    log,
  );
}

const kinds: readonly [string, () => WorkQueue][] = [
  ['in-process', () => new InProcessWorkQueue()],
  ['Bull', () => bullOn(redisUrl(), uniquePrefix())],
];

describe.each(kinds)('work queue contract: %s', (_name, make) => {
  const queues: WorkQueue[] = [];
  const make1 = (): WorkQueue => {
    const queue = make();
    queues.push(queue);
    return queue;
  };

  afterEach(async () => {
    await Promise.all(queues.splice(0).map((queue) => queue.close(1_000)));
  });

  it('wakes the consumer for what was announced', async () => {
    const queue = make1();
    const ids = [randomUUID(), randomUUID()];
    const woken = new Set<string>();
    const both = new Promise<void>((resolve) => {
      void queue.consume(2, (id) => {
        woken.add(id);
        if (woken.size === 2) resolve();
        return Promise.resolve();
      });
    });
    await queue.announce(ids);
    await both;
    expect([...woken].sort()).toEqual([...ids].sort());
  });

  it('runs no more at once than asked for', async () => {
    const queue = make1();
    let running = 0;
    let most = 0;
    let done = 0;
    const all = new Promise<void>((resolve) => {
      void queue.consume(2, async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise(setImmediate);
        await new Promise(setImmediate);
        running -= 1;
        done += 1;
        if (done === 8) resolve();
      });
    });
    await queue.announce(Array.from({ length: 8 }, () => randomUUID()));
    await all;
    expect(most).toBeLessThanOrEqual(2);
  });

  it('goes on after a wake-up that failed', async () => {
    const queue = make1();
    const second = new Promise<void>((resolve) => {
      let calls = 0;
      void queue.consume(1, () => {
        calls += 1;
        if (calls === 2) resolve();
        return Promise.reject(new Error('broken'));
      });
    });
    await queue.announce([randomUUID()]);
    await queue.announce([randomUUID()]);
    await second;
  });

  it('announces without a consumer, and hands nothing out once it is closed', async () => {
    const queue = make();
    await queue.announce([randomUUID()]);
    let woken = 0;
    await queue.close(1_000);
    await queue.consume(1, () => {
      woken += 1;
      return Promise.resolve();
    });
    await queue.announce([randomUUID()]);
    await new Promise(setImmediate);
    expect(woken).toBe(0);
  });
});

describe('Bull without Redis', () => {
  it('announces within its time and never throws; closes at once', async () => {
    const queue = bullOn('redis://127.0.0.1:1', uniquePrefix(), 100);
    const began = performance.now();
    await queue.announce([randomUUID()]);
    await queue.announce([randomUUID()]);
    await queue.close(500);
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it.each([
    ['is not there', () => bullOn('redis://127.0.0.1:1', uniquePrefix(), 100)],
    ['is there', () => bullOn(redisUrl(), uniquePrefix(), 100)],
  ])(
    'ends while it still connects, without a failure that nobody handles, where Redis %s',
    async (_where, make) => {
      // Jest fails a test during which a promise is rejected that nobody handles; Node ends the process.
      for (let time = 0; time < 10; time += 1) {
        const queue = make();
        await queue.consume(1, () => Promise.resolve());
        for (let tick = 0; tick < time; tick += 1) await new Promise(setImmediate);
        await queue.close(100);
      }
    },
  );

  it('hands over together what many announce at once, and all of it', async () => {
    const prefix = uniquePrefix();
    const connections = new BullConnections(redisUrl());
    const bull = new Bull<WakeUp>('wake-ups', { createClient: connections.create, prefix });
    const addBulk = bull.addBulk.bind(bull);
    let trips = 0;
    bull.addBulk = (jobs) => {
      trips += 1;
      return addBulk(jobs);
    };
    const queue = new BullWorkQueue(bull, connections, 5_000, log);
    const reader = new Bull<WakeUp>('wake-ups', redisUrl(), { prefix });
    const ids = Array.from({ length: 20 }, () => randomUUID());
    try {
      await Promise.all(ids.map((id) => queue.announce([id])));
      expect(trips).toBeLessThanOrEqual(2);
      expect((await reader.getWaiting()).map((job) => job.data.id).sort()).toEqual([...ids].sort());
    } finally {
      await reader.close();
      await queue.close(500);
    }
  });

  it('leaves only ids of ours in Redis', async () => {
    const prefix = uniquePrefix();
    const queue = bullOn(redisUrl(), prefix);
    const id = `eud-${randomUUID()}`;
    await queue.announce([id]);
    const reader = new Bull('wake-ups', redisUrl(), { prefix });
    expect((await reader.getWaiting()).map((job) => job.data as unknown)).toEqual([{ id }]);
    await reader.close();
    await queue.close(500);
  });
});
