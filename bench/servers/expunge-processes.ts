import { randomBytes } from 'node:crypto';
import { BenchProcess } from './child-process.js';

export interface ExpungeOptions {
  /** Path of the built program. */
  readonly command: string;
  readonly databaseUrl: string;
  /** null: the in-process queue. */
  readonly redisUrl: string | null;
  /** Accepting calls is measured: with limits of rate and the log. */
  readonly wholeDoor?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeArgs?: readonly string[];
}

/** Wraps the data keys of every process of this run. */
export const masterKey = randomBytes(32);

/** The limits count every call, and are so high that they never refuse one; the log has its default level. */
const wholeDoor = {
  EXPUNGE_RATE_LIMIT_PER_MINUTE: '1000000',
  EXPUNGE_RATE_LIMIT_PER_HOUR: '10000000',
};
const openDoor = {
  EXPUNGE_RATE_LIMIT_PER_MINUTE: '0',
  EXPUNGE_RATE_LIMIT_PER_HOUR: '0',
  EXPUNGE_LOG_LEVEL: 'warn',
};

/**
 * The built service, in a process of its own, in production mode. Every setting has its default but for `env`, for the door
 * (no limits of rate, and a log of warnings only, unless `wholeDoor` is asked for), and for the wait for a load balancer in
 * the end, which there is not.
 */
export async function startExpunge(
  role: 'api' | 'worker' | 'all',
  options: ExpungeOptions,
): Promise<BenchProcess> {
  return BenchProcess.start(options.command, {
    args: ['serve'],
    probed: true,
    ready: role === 'worker' ? /works as (\w+)/ : /listens on (\S+)/,
    nodeArgs: options.nodeArgs ?? [],
    env: {
      NODE_ENV: 'production',
      EXPUNGE_ROLE: role,
      PORT: '0',
      DATABASE_URL: options.databaseUrl,
      EXPUNGE_MASTER_KEY: masterKey.toString('base64'),
      ...(options.wholeDoor === true ? wholeDoor : openDoor),
      // When it stops nobody is left to call it.
      EXPUNGE_DRAIN_SECONDS: '0',
      ...(options.redisUrl === null ? {} : { REDIS_URL: options.redisUrl }),
      ...options.env,
    },
  });
}
