import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { type Owner } from './private-file.js';

const run = promisify(execFile);

/** PostgreSQL refuses to run as root: then another account has to run it. */
export const asRoot = process.getuid?.() === 0;

/**
 * The account that runs the server on files which exist: their owner. On files still to be made: this process's account, or
 * `nobody` when that is root (there need not be a `postgres` account). null: this process's own.
 */
export async function serverAccount(existingFiles: string | null): Promise<Owner | null> {
  if (!asRoot) return null;
  const owner = existingFiles === null ? null : await stat(existingFiles).catch(() => null);
  return owner !== null && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : nobody();
}

async function nobody(): Promise<Owner> {
  const accounts = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const [, uid, gid] = /^nobody:[^:]*:(-?\d+):(-?\d+):/m.exec(accounts) ?? [];
  return { uid: Number(uid ?? 65534), gid: Number(gid ?? 65534) };
}

/** Whether the account can get into the directory. Tried out: mode bits don't tell all (ACLs, network file systems). */
export async function canEnter(directory: string, account: Owner | null): Promise<boolean> {
  if (account === null) return true;
  return run('/bin/sh', ['-c', 'cd "$1"', 'sh', directory], { ...account, cwd: '/' }).then(
    () => true,
    () => false,
  );
}
