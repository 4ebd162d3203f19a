import { setTimeout as wait } from 'node:timers/promises';
import { type BuiltCommand, type CommandProcess } from '../../support/built-command.js';

const STOPS_WITHIN_MS = 10_000;
const KEPT_LINES = 200;
/** Of one that ended by itself: an error with its stack. */
const TOLD_LINES = 20;

/**
 * One role of the service as whoever operates it keeps it: a process that was killed is started again. One that ends by
 * itself is not supposed to, and is remembered.
 */
export class Supervised {
  private child: CommandProcess | null = null;
  private ended: Promise<void> = Promise.resolve();
  private over = false;
  private readonly lines: string[] = [];
  /** Times it was killed, by others or by a fault of its own. */
  kills = 0;
  /** How it ended otherwise; must stay empty. */
  readonly endings: string[] = [];
  /** Answers of 500 and 503, by what they were for: `08000 sql.js-19`. */
  readonly failures: Record<string, number> = {};

  constructor(
    readonly name: string,
    private readonly command: BuiltCommand,
    private readonly env: Readonly<Record<string, string>>,
    /** Asked at every start: what it is told besides. */
    private readonly further: () => Readonly<Record<string, string>>,
    private readonly restartMs: () => number,
  ) {}

  start(): void {
    if (this.over) return;
    const child = this.command.start(['serve'], { ...this.env, ...this.further() });
    this.child = child;
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        const said = chunk.toString().trimEnd().split('\n');
        for (const line of said) this.countFailure(line);
        this.lines.push(...said);
        this.lines.splice(0, this.lines.length - KEPT_LINES);
      });
    this.ended = new Promise((resolve) => {
      child.once('exit', (status, signal) => {
        this.child = null;
        resolve();
        if (this.over) return;
        if (signal === 'SIGKILL') this.kills += 1;
        else
          this.endings.push(
            [
              `${this.name} ended by itself (${signal ?? String(status)}):`,
              ...this.lines.slice(-TOLD_LINES),
            ].join('\n'),
          );
        void wait(this.restartMs()).then(() => {
          this.start();
        });
      });
    });
  }

  get running(): boolean {
    return this.child !== null;
  }

  private countFailure(line: string): void {
    if (!line.includes('"http.failed"')) return;
    const what = ['code', 'at'].map((name) => new RegExp(`"${name}":"([^"]*)"`).exec(line)?.[1]).join(' ');
    this.failures[what] = (this.failures[what] ?? 0) + 1;
  }

  /** What it wrote last. */
  get said(): readonly string[] {
    return this.lines;
  }

  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    this.child?.kill(signal);
  }

  /** As an operator does. @returns what was wrong with how it ended, or null */
  async stop(): Promise<string | null> {
    this.over = true;
    const { child } = this;
    if (!child) return null;
    child.kill('SIGCONT');
    child.kill('SIGTERM');
    const late = new AbortController();
    const inTime = await Promise.race([
      this.ended.then(() => true),
      wait(STOPS_WITHIN_MS, false, { signal: late.signal }).catch(() => false),
    ]);
    late.abort();
    if (!inTime) {
      child.kill('SIGKILL');
      await this.ended;
      return `${this.name} did not stop within ${STOPS_WITHIN_MS} ms`;
    }
    return child.exitCode === 0
      ? null
      : `${this.name} stopped with ${child.exitCode ?? child.signalCode ?? '?'}`;
  }
}
