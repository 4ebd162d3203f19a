import { execFileSync, spawn, spawnSync, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../../src/database/embedded/connection.js';

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
  const program = onPath('redis-server') ?? onPath('valkey-server') ?? installed();
  const port = await freePort(0);
  const server = spawn(
    program,
    [
      ...['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
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
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      server.kill('SIGTERM');
      if (server.exitCode === null) await once(server, 'exit');
    },
  };
}

function onPath(program: string): string | null {
  return spawnSync(program, ['--version']).status === 0 ? program : null;
}

function installed(): string {
  if (process.getuid?.() === 0 && onPath('apt-get') !== null) installFromDebian();
  const program = onPath('redis-server');
  if (program === null)
    throw new Error(
      "the tests need a Redis. Run  apt-get install redis-server  (or your system's own way), or set REDIS_URL to one that may be filled and emptied",
    );
  return program;
}

function installFromDebian(): void {
  process.stderr.write("No Redis here: installing Debian's redis-server with apt-get.\n");
  const stdio = ['ignore', 'ignore', 'inherit'] satisfies StdioOptions;
  // At this run level the package does not start a server of its own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'redis-server']])
    execFileSync('apt-get', ['-qq', ...args], { stdio, env });
}
