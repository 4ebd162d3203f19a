import { describe, expect, it } from '@jest/globals';
import { Clock } from '../../../common/clock.js';
import { EventLog } from '../../../common/logging/event-log.js';
import { type Settings } from '../../../config/settings.js';
import { ClaimLost, Stopping } from '../claim.js';
import { Neighbours } from './neighbours.js';
import { type NeighboursRepository, type Sight } from './neighbours.repository.js';
import { Pace } from './pace.js';
import { type Waiting } from './waiting.js';

/** Time passes when somebody sleeps, and only then. */
class SleptClock extends Clock {
  private at = 0;

  override elapsedMs(): number {
    return this.at;
  }

  override sleep(ms: number): Promise<void> {
    this.at += Math.max(ms, 1);
    return Promise.resolve();
  }
}

const well: Omit<Sight, 'on'> = { replicaLagMs: null, seesReplicas: true, lockWaiters: 0 };
const start = Date.parse('2026-05-01T00:00:00Z');

/** A process with a pace of its own, and what its neighbours look like at each moment. */
class World {
  readonly clock = new SleptClock();
  readonly looks: number[] = [];
  readonly logged: string[] = [];
  readonly pace: Pace;

  constructor(sightAt: (ms: number) => Partial<Sight> = () => ({}), settings: Partial<Settings> = {}) {
    const all = { pace: 'gentle', leaseSeconds: 3, replicaLagMs: 5_000, lockWaiters: 3, ...settings };
    const repository = {
      look: () => {
        const now = this.clock.elapsedMs();
        this.looks.push(now);
        return Promise.resolve({ on: new Date(start + now), ...well, ...sightAt(now) });
      },
    } as NeighboursRepository;
    const log = new EventLog('warn', { write: (line) => this.logged.push(line) });
    const neighbours = new Neighbours(repository, all as Settings, this.clock, log);
    this.pace = new Pace(all as Settings, neighbours, this.clock);
  }

  eraser(stoppingAt = Infinity): {
    readonly signs: (readonly [ms: number, reason: string | null])[];
    readonly since: Set<number>;
    readonly rests: boolean;
    stopping(): boolean;
    signOfLife(waiting: Waiting | null): Promise<void>;
  } {
    const signs: (readonly [number, string | null])[] = [];
    const since = new Set<number>();
    return {
      signs,
      since,
      rests: true,
      stopping: () => this.clock.elapsedMs() >= stoppingAt,
      signOfLife: (waiting) => {
        signs.push([this.clock.elapsedMs(), waiting?.reason ?? null]);
        if (waiting) since.add(waiting.since.getTime() - start);
        return Promise.resolve();
      },
    };
  }

  /** A transaction of so many milliseconds; answers with when it began. */
  chunk(ms: number): () => Promise<number> {
    return async () => {
      const began = this.clock.elapsedMs();
      await this.clock.sleep(ms);
      return began;
    };
  }
}

describe('a gentle pace', () => {
  it('rests after each transaction thirty times as long as it lasted, five seconds at most', async () => {
    const world = new World();
    const eraser = world.eraser();
    const began: number[] = [];
    for (const ms of [150, 100, 300, 1]) began.push(await world.pace.turn(eraser, world.chunk(ms)));
    expect(began).toEqual([0, 4_650, 7_750, 13_050]);
  });

  it('lets those begin who need not rest, after whom the others rest as after anybody', async () => {
    const world = new World();
    const few = { ...world.eraser(), rests: false };
    const began: number[] = [];
    for (const eraser of [world.eraser(), few, few, world.eraser(), world.eraser()])
      began.push(await world.pace.turn(eraser, world.chunk(40)));
    expect(began).toEqual([0, 40, 80, 120 + 1_200, 1_360 + 1_200]);
  });

  it('lets those begin who need not rest while another rests, but not while another works', async () => {
    const world = new World();
    await world.pace.turn(world.eraser(), world.chunk(40));
    const resting = world.pace.turn(world.eraser(), world.chunk(40));
    const few = { ...world.eraser(), rests: false };
    expect(await world.pace.turn(few, world.chunk(10))).toBeLessThan(1_240);
    expect(await resting).toBeGreaterThanOrEqual(1_240);
    let working = false;
    const one = (): Promise<unknown> =>
      world.pace.turn(few, async () => {
        expect(working).toBe(false);
        working = true;
        await world.clock.sleep(10);
        working = false;
      });
    await Promise.all([one(), one(), one()]);
  });

  it('is one transaction at a time, in the order asked for, whatever becomes of them', async () => {
    const world = new World();
    let running = 0;
    const order: number[] = [];
    const one = async (n: number): Promise<void> => {
      await world.pace.turn(world.eraser(), async () => {
        running += 1;
        expect(running).toBe(1);
        order.push(n);
        await world.clock.sleep(100);
        running -= 1;
        if (n === 1) throw new Error('failed');
      });
    };
    const outcomes = await Promise.allSettled([0, 1, 2, 3].map(one));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(order).toEqual([0, 1, 2, 3]);
  });

  it('waits while a standby is too far behind, says so at once, and renews the lease meanwhile', async () => {
    const world = new World((ms) => ({ replicaLagMs: ms < 10_000 ? 5_001 : 200 }));
    const eraser = world.eraser();
    const began = await world.pace.turn(eraser, world.chunk(40));
    expect(began).toBeGreaterThanOrEqual(10_000);
    expect(began).toBeLessThan(12_000);
    const [first] = eraser.signs;
    expect(first?.[1]).toBe('REPLICA_LAG');
    expect(first?.[0]).toBe(0);
    const gaps = eraser.signs.map(([ms], n) => ms - (eraser.signs[n - 1]?.[0] ?? 0));
    expect(Math.max(...gaps)).toBeLessThan(1_500);
    expect([...eraser.since]).toEqual([0]);
  });

  it('waits while sessions pile up behind its locks', async () => {
    const world = new World((ms) => ({ lockWaiters: ms < 3_000 ? 3 : 2 }));
    const eraser = world.eraser();
    await world.pace.turn(eraser, world.chunk(20));
    expect(await world.pace.turn(eraser, world.chunk(40))).toBeGreaterThanOrEqual(3_000);
    expect(eraser.signs.every(([, reason]) => reason === 'LOCK_WAITERS')).toBe(true);
  });

  it('looks at the others while it holds locks, and rests as long as it may where they waited', async () => {
    let holding = false;
    const world = new World(() => ({ lockWaiters: holding ? 3 : 0 }));
    await world.pace.turn(world.eraser(), async () => {
      holding = true;
      await new Promise((resolve) => setTimeout(resolve, 150));
      holding = false;
    });
    const eraser = world.eraser();
    expect(await world.pace.turn(eraser, world.chunk(100))).toBeGreaterThanOrEqual(5_000);
    expect(eraser.signs[0]).toEqual([0, 'LOCK_WAITERS']);
  });

  it('sees a standby fall behind however long transactions and rests have become', async () => {
    const world = new World((ms) => ({ replicaLagMs: ms < 1_000 || ms > 20_000 ? 0 : 5_001 }));
    await world.pace.turn(world.eraser(), world.chunk(300));
    expect(await world.pace.turn(world.eraser(), world.chunk(300))).toBeGreaterThan(20_000);
  });

  it('says what it waits for also for those who wait behind another', async () => {
    const world = new World((ms) => ({ replicaLagMs: ms < 10_000 ? 5_001 : 0 }));
    const [first, second] = [world.eraser(), world.eraser()];
    await Promise.all([first, second].map((eraser) => world.pace.turn(eraser, world.chunk(40))));
    for (const { signs } of [first, second])
      expect(signs.map(([, reason]) => reason)).toContain('REPLICA_LAG');
  });

  it('lets those who rest come, however many pass who need not', async () => {
    const world = new World();
    await world.pace.turn(world.eraser(), world.chunk(100));
    const rested = world.pace.turn(world.eraser(), world.chunk(100));
    const few = { ...world.eraser(), rests: false };
    while (world.clock.elapsedMs() < 20_000) await world.pace.turn(few, world.chunk(50));
    expect(await rested).toBeLessThan(6_000);
  });

  it('looks at the others once a second at most', async () => {
    const world = new World((ms) => ({ lockWaiters: ms < 5_000 ? 9 : 0 }));
    for (let n = 0; n < 50; n += 1) await world.pace.turn(world.eraser(), world.chunk(20));
    const gaps = world.looks.slice(1).map((ms, n) => ms - (world.looks[n] ?? 0));
    expect(gaps.length).toBeGreaterThan(4);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_000);
  });

  it('goes on slowly where a standby never catches up', async () => {
    const world = new World(() => ({ replicaLagMs: 1e9 }));
    const eraser = world.eraser();
    const began: number[] = [];
    for (let n = 0; n < 4; n += 1) began.push(await world.pace.turn(eraser, world.chunk(50)));
    const gaps = began.slice(2).map((ms, n) => ms - (began[n + 1] ?? 0));
    for (const gap of gaps) {
      expect(gap).toBeGreaterThanOrEqual(30_000);
      expect(gap).toBeLessThan(33_000);
    }
  });

  it('reacts to stopping wherever it waits, and the next in the queue has its turn', async () => {
    const world = new World(() => ({ lockWaiters: 9 }));
    await world.pace.turn(world.eraser(), world.chunk(100));
    const stopped = world.pace.turn(world.eraser(1_000), world.chunk(100));
    const next = world.pace.turn(world.eraser(), world.chunk(100));
    await expect(stopped).rejects.toThrow(Stopping);
    expect(await next).toBeGreaterThan(1_000);
  });

  it('ends when the claim is lost meanwhile', async () => {
    const world = new World(() => ({ lockWaiters: 9 }));
    await world.pace.turn(world.eraser(), world.chunk(100));
    const eraser = { stopping: () => false, rests: true, signOfLife: () => Promise.reject(new ClaimLost()) };
    await expect(world.pace.turn(eraser, world.chunk(100))).rejects.toThrow(ClaimLost);
  });

  it('says once that it may not see the standbys', async () => {
    const world = new World(() => ({ seesReplicas: false }));
    for (let n = 0; n < 30; n += 1) await world.pace.turn(world.eraser(), world.chunk(100));
    expect(world.looks.length).toBeGreaterThan(2);
    expect(world.logged.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
      'pace.replicas.unseen',
    ]);
  });
});

describe('a full pace', () => {
  it('neither rests nor looks nor waits', async () => {
    const world = new World(() => ({ lockWaiters: 9, replicaLagMs: 1e9 }), { pace: 'full' });
    const began: number[] = [];
    for (let n = 0; n < 3; n += 1) began.push(await world.pace.turn(world.eraser(), world.chunk(100)));
    expect(began).toEqual([0, 100, 200]);
    expect(world.looks).toEqual([]);
  });
});
