import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { compile } from './compile.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

export type CommandProcess = ChildProcessByStdio<null, Readable, Readable>;

export interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** `expunge` as it is now: what lies in dist/ may be older. Runs as a process of its own, with just the environment given. */
export class BuiltCommand {
  private readonly running = new Set<CommandProcess>();

  private constructor(private readonly directory: string) {}

  /** @param packages that it may use; without it, all that are installed */
  static async build(packages?: readonly string[]): Promise<BuiltCommand> {
    const directory = await mkdtemp(join(tmpdir(), 'expunge-built-'));
    for (const name of await readdir(join(root, 'src'), { recursive: true }))
      if (/(?<!\.spec)\.ts$/.test(name)) await compile(join(root, 'src'), name, join(directory, 'dist'));
    await writeFile(join(directory, 'package.json'), '{"type":"module"}');
    await mkdir(join(directory, 'node_modules'));
    for (const name of packages ?? (await readdir(join(root, 'node_modules'))))
      await symlink(join(root, 'node_modules', name), join(directory, 'node_modules', name));
    await cp(join(root, 'bin'), join(directory, 'bin'), { recursive: true });
    return new BuiltCommand(directory);
  }

  get path(): string {
    return join(this.directory, 'bin', 'expunge.js');
  }

  /** @param within a program and its arguments that turns into this one: `ip netns exec …` */
  start(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    within: readonly string[] = [],
  ): CommandProcess {
    const [program, ...rest] = [...within, process.execPath, this.path];
    const child = spawn(program, [...rest, ...args], {
      cwd: root,
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.running.add(child);
    child.once('exit', () => this.running.delete(child));
    return child;
  }

  async run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    const child = this.start(args, env);
    const ended = once(child, 'close') as Promise<[number | null]>;
    const [out, err, [status]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    return { status, out, err };
  }

  /** Also ends what a failed test left running. */
  async remove(): Promise<void> {
    for (const child of this.running) child.kill('SIGKILL');
    await rm(this.directory, { recursive: true, force: true });
  }
}
