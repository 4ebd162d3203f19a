import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { type BuiltCommand, type CommandProcess } from './built-command.js';
import { TestClient } from './service.js';
import { signedToken } from './tokens.js';

type Environment = Readonly<Record<string, string>>;

/** `expunge serve` as a process of its own. */
export class ServedProcess {
  private logged = '';
  readonly ended: Promise<{ readonly status: number | null; readonly signal: string | null }>;

  private constructor(
    private readonly process: CommandProcess,
    /** The first line it printed. */
    private readonly said: string,
  ) {
    process.stderr.on('data', (chunk) => (this.logged += String(chunk)));
    // What it prints further is nobody's: unread, it would hold the process up.
    process.stdout.resume();
    this.ended = (once(process, 'exit') as Promise<[number | null, string | null]>).then(
      ([status, signal]) => ({ status, signal }),
    );
  }

  /** Returns once it serves. @param within as of `BuiltCommand.start` */
  static async start(
    command: BuiltCommand,
    env: Environment,
    within: readonly string[] = [],
  ): Promise<ServedProcess> {
    const child = command.start(['serve'], { PORT: '0', ...env }, within);
    const line = await createInterface(child.stdout)[Symbol.asyncIterator]().next();
    if (line.done !== true) return new ServedProcess(child, line.value);
    throw new Error(`it did not start: ${await text(child.stderr)}`);
  }

  /** Where its API listens. */
  get url(): string {
    return /http:\/\/\S+/.exec(this.said)?.[0] ?? '';
  }

  /** What it has written on standard error so far. */
  get log(): string {
    return this.logged;
  }

  signal(name: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    this.process.kill(name);
  }
}

/** A client of the service at `url`, by an app that the command makes in the same environment. */
export async function clientOf(
  command: BuiltCommand,
  env: Environment,
  accountId: string,
  url: string,
): Promise<TestClient> {
  const scope = 'Bot Analytics:Delete Users Data';
  const made = await command.run(
    ['app', 'create', '--account', accountId, '--name', 'console', '--scope', scope, '--json'],
    env,
  );
  const { clientId, clientSecret } = JSON.parse(made.out) as { clientId: string; clientSecret: string };
  const iat = Math.floor(Date.now() / 1000);
  const token = signedToken(clientSecret, { sub: 'test', appId: clientId, iat, exp: iat + 3_600 });
  return new TestClient(url, token, clientId, clientSecret);
}
