import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../../src/database/embedded/connection.js';
import { type NeededProgram, programOf } from './program.js';

const redis: NeededProgram = {
  names: ['redis-server', 'valkey-server'],
  debianPackage: 'redis-server',
  orElse: 'set REDIS_URL to one that may be filled and emptied',
};

interface RunningRedis {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/**
 * REDIS_URL; else a server from the PATH on a free port, without persistence; else, as root where apt-get exists, Debian's.
 *
 * @throws Error with the command to run, when there is no Redis to be had: the tests never skip
 */
export async function startRedis(directory: string): Promise<RunningRedis> {
  const given = process.env['REDIS_URL'];
  if (given !== undefined && given !== '') return { url: given, stop: () => Promise.resolve() };
  return ownRedis(directory, '127.0.0.1');
}

/**
 * A server of one's own, whatever REDIS_URL says; it listens on this address alone.
 *
 * @throws Error with the command to run, when there is no program for it
 */
export async function ownRedis(directory: string, host: string): Promise<RunningRedis> {
  const program = redisProgram();
  const port = await freePort(0);
  const server = spawn(
    program,
    [
      ...[
        '--port',
        String(port),
        '--bind',
        host,
        '--protected-mode',
        'no',
        '--save',
        '',
        '--appendonly',
        'no',
      ],
      ...['--dir', directory, '--pidfile', `${directory}/redis.pid`, '--daemonize', 'no'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let said = '';
  for await (const chunk of server.stdout) {
    said += String(chunk);
    if (said.includes('Ready to accept connections')) break;
  }
  if (server.exitCode !== null || !said.includes('Ready to accept'))
    throw new Error(`${program} did not start:\n${said}`);
  return {
    url: `redis://${host}:${port}`,
    stop: async () => {
      server.kill('SIGTERM');
      if (server.exitCode === null) await once(server, 'exit');
    },
  };
}

/** @throws Error with the command to run, when there is none */
export function redisProgram(): string {
  return programOf(redis);
}
