import { chmod, mkdir, stat } from 'node:fs/promises';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';

/**
 * Where root keeps what the server's account must reach when a checkout is out of its reach: a place for state, which
 * outlives restarts and is not swept like a temporary directory. Nobody but root writes there.
 */
const place = process.platform === 'darwin' ? '/usr/local/var/lib/expunge' : '/var/lib/expunge';

export async function sharedDirectory(): Promise<string> {
  const made = await mkdir(place, { recursive: true, mode: 0o755 });
  if (made !== undefined) await chmod(place, 0o755);
  const { uid, mode } = await stat(place);
  if (uid !== 0 || (mode & 0o022) !== 0)
    throw new EmbeddedPostgresError(`${place} must belong to root and be writable by root alone`);
  return place;
}
