import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { compile } from '../support/compile.js';
import { type HostedService, type HostSays } from './hosted-service.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** How long a busy machine may take to start them all; where all stand sooner it is over at once. */
const REACHED_WITHIN_MS = 150_000;

/** The service as it is now, to be run by `crash-host.ts` and killed. */
export class CrashProcess {
  private readonly running = new Set<ChildProcess>();

  private constructor(private readonly directory: string) {}

  static async build(): Promise<CrashProcess> {
    const directory = await mkdtemp(join(tmpdir(), 'expunge-crash-'));
    const sources = (await readdir(join(root, 'src'), { recursive: true })).map((name) => join('src', name));
    for (const name of [...sources, 'test/chaos/crash-host.ts'])
      if (/(?<!\.spec)\.ts$/.test(name)) await compile(root, name, directory);
    await writeFile(join(directory, 'package.json'), '{"type":"module"}');
    await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
    return new CrashProcess(directory);
  }

  /**
   * Runs the services in a process of their own until each stands still at its fault point, and kills it.
   *
   * @param started told of each service that listens
   * @returns for each service whether it stood where it should
   */
  async crash(
    services: readonly HostedService[],
    started: (index: number, url: string) => void,
  ): Promise<readonly boolean[]> {
    const child = spawn(process.execPath, ['test/chaos/crash-host.js'], {
      cwd: this.directory,
      env: { PATH: process.env['PATH'] },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.running.add(child);
    const ended = once(child, 'exit').finally(() => this.running.delete(child));
    child.stdin.end(JSON.stringify(services));
    const standing = services.map(() => false);
    const timer = setTimeout(() => child.kill('SIGKILL'), REACHED_WITHIN_MS);
    for await (const line of createInterface(child.stdout)) {
      const words = JSON.parse(line) as HostSays;
      if ('url' in words) started(words.index, words.url);
      else standing[words.index] = true;
      if (!standing.includes(false)) child.kill('SIGKILL');
    }
    clearTimeout(timer);
    await ended;
    return standing;
  }

  /** Also ends what a failed test left running. */
  async remove(): Promise<void> {
    for (const child of this.running) child.kill('SIGKILL');
    await rm(this.directory, { recursive: true, force: true });
  }
}
