import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a measured process says of the time since it was asked to begin (process-probe.js). */
export interface ProcessReading {
  /** Longest and 99th percentile; a loop that is never late has 0. */
  readonly loopDelayMaxMs: number;
  readonly loopDelayP99Ms: number;
  readonly rssMB: number;
  readonly peakRssMB: number;
  /** Since the process began. */
  readonly cpuSeconds: number;
}

export const root = fileURLToPath(new URL('../..', import.meta.url));
const probe = fileURLToPath(new URL('process-probe.js', import.meta.url));
const loader = ['--import', '@swc-node/register/esm-register'];

export interface ChildOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeArgs?: readonly string[];
  /** A matching line on standard output tells that it is ready; its first group is what it said. */
  readonly ready: RegExp;
  /** The module is TypeScript of the bench; what is built runs as it is. */
  readonly typescript?: boolean;
  /** Measured by process-probe.js. */
  readonly probed?: boolean;
}

const readyWithinMs = 60_000;

/** A Node process of the bench: what is measured, what measures, or what stands between them. */
export class BenchProcess {
  private constructor(
    private readonly child: ChildProcess,
    /** What its ready line said. */
    readonly said: string,
  ) {}

  /** @throws Error with what it wrote to standard error, when it does not get ready */
  static async start(module: string, options: ChildOptions): Promise<BenchProcess> {
    const log = await namelessFile();
    const child = fork(module, [...(options.args ?? [])], {
      cwd: root,
      execArgv: [
        ...(options.typescript === true ? loader : []),
        ...(options.probed === true ? ['--import', probe] : []),
        ...(options.nodeArgs ?? []),
      ],
      env: { PATH: process.env['PATH'], ...options.env },
      // A pipe would wake the bench at every line of a log.
      stdio: ['ignore', 'pipe', log.fd, 'ipc'],
    });
    running.add(child);
    child.once('exit', () => running.delete(child));
    try {
      return new BenchProcess(child, await readyLine(child, options.ready));
    } catch (error) {
      child.kill('SIGKILL');
      throw new Error(`${module} did not start: ${String(error)}\n${await endOf(log)}`, { cause: error });
    } finally {
      await log.close();
    }
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** From now on the probe counts anew. */
  async begin(): Promise<void> {
    await this.ask('begin');
  }

  async end(): Promise<ProcessReading> {
    return this.ask<ProcessReading>('end');
  }

  /** Sends a message and waits for the next one that comes. */
  async ask<T>(question: unknown): Promise<T> {
    const done = new AbortController();
    const { signal } = done;
    const answer = once(this.child, 'message', { signal }) as Promise<[T]>;
    const gone = once(this.child, 'exit', { signal }).then(() => {
      throw new Error('the process ended instead of answering');
    });
    for (const either of [answer, gone]) either.catch(() => undefined);
    this.child.send(question as string);
    try {
      const [message] = await Promise.race([answer, gone]);
      return message;
    } finally {
      done.abort();
    }
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 15_000);
    await ended;
    clearTimeout(timer);
  }
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A file that goes with the last process that holds it. */
async function namelessFile(): Promise<FileHandle> {
  const directory = await mkdtemp(join(tmpdir(), 'expunge-bench-log-'));
  const file = await open(join(directory, 'log'), 'a+');
  await rm(directory, { recursive: true });
  return file;
}

async function endOf(file: FileHandle): Promise<string> {
  const { size } = await file.stat();
  const length = Math.min(size, 4_000);
  const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
  return buffer.toString();
}

async function readyLine(child: ChildProcess, ready: RegExp): Promise<string> {
  let written = '';
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      reject(new Error('not ready in time'));
    }, readyWithinMs);
    child.once('exit', (code) => {
      clearTimeout(late);
      reject(new Error(`exit status ${String(code)}`));
    });
    child.stdout?.on('data', (chunk) => {
      if (written.length > 100_000) return;
      written += String(chunk);
      const found = ready.exec(written);
      if (!found) return;
      clearTimeout(late);
      resolve(found[1] ?? '');
    });
  });
}
