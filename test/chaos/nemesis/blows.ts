import { setTimeout as wait } from 'node:timers/promises';
import { type ChaosWorld, type Member } from './chaos-world.js';
import { type Recoveries } from './recoveries.js';
import { type SeededRandom } from './seeded-random.js';

/** Something that goes wrong, from beginning to end. */
export interface Blow {
  readonly name: string;
  readonly strike: (world: ChaosWorld, random: SeededRandom, recoveries: Recoveries) => Promise<void>;
}

const anyone = (world: ChaosWorld, random: SeededRandom): Member => random.oneOf(world.members);
const worker = (world: ChaosWorld, random: SeededRandom): Member => random.oneOf(world.workers);

/** Everything that may happen to a service and to what it stands on. */
export const blows: readonly Blow[] = [
  {
    name: 'SIGKILL of a worker',
    strike: (world, random, recoveries) => {
      const killed = worker(world, random);
      const others = world.workers.filter((other) => other !== killed && other.process.running);
      return recoveries.ofKill(killed, others.length > 0);
    },
  },
  {
    name: 'SIGKILL of both workers',
    strike: async (world, _random, recoveries) => {
      for (const one of world.workers) await recoveries.ofKill(one, false);
    },
  },
  {
    name: 'SIGKILL of the API',
    strike: (world) => {
      world.api.process.signal('SIGKILL');
      return Promise.resolve();
    },
  },
  {
    name: 'SIGSTOP of a process',
    strike: async (world, random) => {
      const { process: one } = anyone(world, random);
      one.signal('SIGSTOP');
      await wait(random.between(500, 6_000));
      one.signal('SIGCONT');
    },
  },
  {
    name: 'SIGKILL of the postmaster',
    strike: async ({ postgres }, random) => {
      await postgres.killPostmaster();
      await wait(random.between(0, 2_000));
      await postgres.restart();
    },
  },
  {
    name: 'SIGSTOP of the postmaster',
    strike: async ({ postgres }, random) => {
      await postgres.signalPostmaster('SIGSTOP');
      await wait(random.between(500, 4_000));
      await postgres.signalPostmaster('SIGCONT');
    },
  },
  {
    name: 'pg_terminate_backend',
    strike: async ({ postgres }, random) => {
      const pid = await postgres.someBackend((choices) => random.oneOf(choices));
      if (pid !== null) await postgres.database.run('SELECT pg_terminate_backend($1)', [pid]);
    },
  },
  {
    name: 'SIGKILL of a backend',
    strike: async ({ postgres }, random) => {
      const pid = await postgres.someBackend((choices) => random.oneOf(choices));
      if (pid !== null) process.kill(pid, 'SIGKILL');
    },
  },
  {
    name: 'SIGSTOP of a backend',
    strike: async ({ postgres }, random) => {
      const pid = await postgres.someBackend((choices) => random.oneOf(choices));
      if (pid === null) return;
      signal(pid, 'SIGSTOP');
      await wait(random.between(500, 4_000));
      signal(pid, 'SIGCONT');
    },
  },
  { name: 'FLUSHALL', strike: (_world, _random, recoveries) => recoveries.ofFlush() },
  {
    name: 'restart of Redis without persistence',
    strike: async ({ redis }, random) => {
      await redis.kill();
      await wait(random.between(0, 4_000));
      redis.start();
    },
  },
  {
    name: 'SIGSTOP of Redis',
    strike: async ({ redis }, random) => {
      redis.signal('SIGSTOP');
      await wait(random.between(500, 5_000));
      redis.signal('SIGCONT');
    },
  },
  { name: 'connections to Redis cut', strike: ({ redis }) => redis.cut() },
  {
    name: 'connections to PostgreSQL cut',
    strike: (world, random) => {
      anyone(world, random).proxy.cut();
      return Promise.resolve();
    },
  },
  {
    name: 'connections to PostgreSQL delayed',
    strike: async (world, random) => {
      const { proxy } = anyone(world, random);
      proxy.delay(random.between(10, 200));
      await wait(random.between(500, 3_000));
      proxy.recover();
    },
  },
  {
    name: 'connections to PostgreSQL hang',
    strike: async (world, random) => {
      const { proxy } = anyone(world, random);
      proxy.hang();
      await wait(random.between(500, 7_000));
      proxy.recover();
    },
  },
  {
    name: 'answer to COMMIT swallowed',
    strike: async (world, random) => {
      const { proxy } = anyone(world, random);
      for (let left = random.between(1, 3); left > 0; left -= 1) proxy.swallowNextCommit();
      await wait(1_000);
    },
  },
];

/** It may have ended meanwhile. */
function signal(pid: number, name: 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone: nothing to continue.
  }
}
