import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { freePort } from '../../../src/database/embedded/connection.js';
import { redisProgram } from '../../support/redis-server.js';

/** A Redis without persistence that can be killed, stopped and emptied. */
export class ChaosRedis {
  private server: ChildProcess | null = null;

  private constructor(
    private readonly directory: string,
    private readonly port: number,
  ) {}

  static async start(directory: string): Promise<ChaosRedis> {
    const redis = new ChaosRedis(directory, await freePort(0));
    redis.start();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  start(): void {
    if (this.server) return;
    const server = spawn(
      redisProgram(),
      [
        ...['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
        ...['--dir', this.directory, '--pidfile', `${this.directory}/redis.pid`, '--daemonize', 'no'],
      ],
      { stdio: 'ignore' },
    );
    this.server = server;
    server.once('exit', () => {
      if (this.server === server) this.server = null;
    });
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.server?.kill(signal);
  }

  async kill(): Promise<void> {
    const { server } = this;
    if (!server) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  }

  /** Empties it. */
  async flush(): Promise<void> {
    await this.command((redis) => redis.flushall());
  }

  /** Breaks all connections. */
  async cut(): Promise<void> {
    await this.command((redis) => redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'));
  }

  private async command(run: (redis: Redis) => Promise<unknown>): Promise<void> {
    const redis = new Redis(this.url, { maxRetriesPerRequest: 1, lazyConnect: true, commandTimeout: 2_000 });
    redis.on('error', () => undefined);
    try {
      await redis.connect();
      await run(redis);
    } finally {
      redis.disconnect();
    }
  }
}
