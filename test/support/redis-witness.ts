import { once } from 'node:events';
import { Redis } from 'ioredis';
import { redisUrl } from './redis.js';

const MONITOR_TRIES = 10;

/** Sees what is sent to Redis, and what lies there. */
export class RedisWitness {
  private readonly redis = new Redis(redisUrl());
  private readonly seen: string[] = [];
  private monitor: Redis | null = null;

  static async begin(): Promise<RedisWitness> {
    const witness = new RedisWitness();
    witness.monitor = await monitorOf(witness.redis);
    witness.monitor.on('monitor', (_time: string, command: readonly string[]) => {
      witness.seen.push(command.join(' '));
    });
    return witness;
  }

  /** Every command that anybody has sent since the beginning. */
  get commands(): string {
    return this.seen.join('\n');
  }

  /** Every key with this prefix and its value, as Redis keeps it. */
  async contents(prefix: string): Promise<string> {
    const told: string[] = [];
    for await (const keys of this.redis.scanStream({ match: `*${prefix}*`, count: 1_000 }))
      for (const key of keys as string[]) told.push(key, JSON.stringify(await this.value(key)));
    return told.join('\n');
  }

  end(): void {
    this.monitor?.disconnect();
    this.redis.disconnect();
  }

  /** Not by DUMP, which compresses. */
  private async value(key: string): Promise<unknown> {
    const type = await this.redis.type(key);
    switch (type) {
      case 'string':
        return this.redis.get(key);
      case 'list':
        return this.redis.lrange(key, 0, -1);
      case 'hash':
        return this.redis.hgetall(key);
      case 'set':
        return this.redis.smembers(key);
      case 'zset':
        return this.redis.zrange(key, 0, -1);
      case 'stream':
        return this.redis.xrange(key, '-', '+');
      case 'none':
        return null;
      default:
        throw new Error(`a key of type ${type}`);
    }
  }
}

/** The driver takes what somebody else sends in the same moment for an answer that it does not expect: then once more. */
async function monitorOf(redis: Redis): Promise<Redis> {
  for (let tries = 1; ; tries += 1) {
    const monitor = redis.duplicate({ monitor: true, lazyConnect: false });
    try {
      await once(monitor, 'monitoring');
      return monitor;
    } catch (error) {
      monitor.disconnect();
      if (tries === MONITOR_TRIES) throw error;
    }
  }
}
