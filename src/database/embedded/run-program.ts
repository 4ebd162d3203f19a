import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { type Owner } from './private-file.js';

export interface ProgramPlace {
  readonly account: Owner | null;
  /** A directory that the account can enter. */
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** The environment of the caller stays out: PGPORT, PGDATA or a locale would change what the programs do. */
function options({ account, cwd, env }: ProgramPlace): object {
  return { ...account, cwd, env: { LC_ALL: 'C', TZ: 'UTC', ...env }, windowsHide: true };
}

/** Runs a program to its end. @throws EmbeddedPostgresError with its last line of standard error */
export async function runProgram(path: string, args: readonly string[], place: ProgramPlace): Promise<void> {
  try {
    await promisify(execFile)(path, [...args], options(place));
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    if (code === 'ENOENT')
      throw new EmbeddedPostgresError(
        `${path} does not run here (its binaries need glibc): set DATABASE_URL to a PostgreSQL of your own`,
      );
    throw new EmbeddedPostgresError(`${path} failed (${String(code)}): ${lastLine(stderr ?? '')}`);
  }
}

/** Runs a program that leaves a server behind: nothing of ours is left in its hands. @returns whether it said 0 */
export async function launch(path: string, args: readonly string[], place: ProgramPlace): Promise<boolean> {
  const child = spawn(path, [...args], { ...options(place), stdio: 'ignore', detached: true });
  const [status] = (await once(child, 'exit')) as [number | null];
  return status === 0;
}

export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
