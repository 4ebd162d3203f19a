import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
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
    const child = fork(module, [...(options.args ?? [])], {
      cwd: root,
      execArgv: [
        ...(options.typescript === true ? loader : []),
        ...(options.probed === true ? ['--import', probe] : []),
        ...(options.nodeArgs ?? []),
      ],
      env: { PATH: process.env['PATH'], ...options.env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    running.add(child);
    child.once('exit', () => running.delete(child));
    let complaints = '';
    child.stderr?.on('data', (chunk) => (complaints = (complaints + String(chunk)).slice(-4_000)));
    const said = await readyLine(child, options.ready).catch((error: unknown) => {
      child.kill('SIGKILL');
      throw new Error(`${module} did not start: ${String(error)}\n${complaints}`);
    });
    return new BenchProcess(child, said);
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
