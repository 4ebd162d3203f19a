import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';

/** Another process that uses the embedded database of a directory, as this or as another account. */
export class DatabaseProcess {
  private static readonly running = new Set<ChildProcess>();

  private readonly said: AsyncIterator<string>;

  private constructor(private readonly child: ChildProcess) {
    if (child.stdout === null) throw new Error('no standard output');
    DatabaseProcess.running.add(child);
    child.once('exit', () => DatabaseProcess.running.delete(child));
    this.said = createInterface(child.stdout)[Symbol.asyncIterator]();
  }

  /**
   * @param checkout made by `stageCheckout`
   * @param options.account another one, for tests that run as root
   */
  static start(
    checkout: string,
    dataDir: string,
    options: {
      readonly hold?: boolean;
      readonly account?: { readonly uid: number; readonly gid: number };
    } = {},
  ): DatabaseProcess {
    const args = ['test/support/use-database.js', dataDir, options.hold === true ? 'hold' : 'join'];
    const node = join(checkout, basename(process.execPath));
    return new DatabaseProcess(
      spawn(node, args, { ...options.account, cwd: checkout, stdio: ['pipe', 'pipe', 'inherit'] }),
    );
  }

  /** What a failed test left running. */
  static killAll(): void {
    for (const child of DatabaseProcess.running) child.kill('SIGKILL');
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** The URL it was given, or the sentence by which it was refused. */
  async answer(): Promise<string> {
    const next = await this.said.next();
    return next.done === true ? '' : next.value;
  }

  /** Lets it leave in good order. @returns its exit status */
  async leave(): Promise<number | null> {
    const ended = once(this.child, 'exit');
    this.child.stdin?.end();
    const [status] = (await ended) as [number | null];
    return status;
  }

  async kill(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}
