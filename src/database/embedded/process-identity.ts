import { readFileSync } from 'node:fs';

/** A process as it can be recognised later, also when its number has been given to another one since. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Boot and start time where the system tells them (Linux), else empty. */
  readonly started: string;
}

/** This process. */
export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, started: startOf(process.pid) ?? '' };
}

/** Whether just that process still runs. A zombie does not. */
export function isAlive({ pid, started }: ProcessIdentity): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, under another account.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = startOf(pid);
  return now === null || (now !== '' && (started === '' || now === started));
}

/** The program that runs as `pid` (`postgres`), where the system tells it; else null. */
export function programOf(pid: number): string | null {
  return readOrNull(`/proc/${pid}/comm`)?.trim() ?? null;
}

/** null: the system does not tell. Empty: it tells that the process is over. */
function startOf(pid: number): string | null {
  const boot = readOrNull('/proc/sys/kernel/random/boot_id');
  if (boot === null) return null;
  // "pid (name) state ppid …": the name may hold spaces and parentheses; field 22 is the start time.
  const [state, ...fields] = readOrNull(`/proc/${pid}/stat`)?.split(') ').at(-1)?.split(' ') ?? ['Z'];
  return state === 'Z' || state === 'X' ? '' : `${boot.trim()}/${fields[18] ?? ''}`;
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
