import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { type Owner, writePrivateFile } from './private-file.js';
import { isAlive, ownIdentity, type ProcessIdentity } from './process-identity.js';

const patienceMs = 180_000;

/**
 * Runs `work` while no other process (nor another caller of this one) runs under the same lock file. A lock whose holder is
 * dead is taken over.
 *
 * @throws EmbeddedPostgresError naming the holder when it keeps the lock for minutes
 */
export async function withLock<T>(path: string, owner: Owner | null, work: () => Promise<T>): Promise<T> {
  await acquire(path, owner);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function acquire(path: string, owner: Owner | null): Promise<void> {
  const mine = `${path}.${randomUUID()}`;
  await writePrivateFile(mine, JSON.stringify(ownIdentity()), owner);
  const deadline = Date.now() + patienceMs;
  try {
    while (!(await linked(mine, path))) {
      const holder = await holderOf(path);
      if (holder !== null && !isAlive(holder)) await removeStale(path, holder);
      else if (Date.now() > deadline)
        throw new EmbeddedPostgresError(
          `process ${holder?.pid ?? '?'} has held ${path} for minutes: end it first`,
        );
      else await wait(20);
    }
  } finally {
    await rm(mine, { force: true });
  }
}

/** A hard link comes into being with its text, or not at all. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function holderOf(path: string): Promise<ProcessIdentity | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as ProcessIdentity;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Moves the lock aside and looks again: another process may have taken over between our look and our move. */
async function removeStale(path: string, dead: ProcessIdentity): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = await holderOf(aside);
  if (moved !== null && (moved.pid !== dead.pid || moved.started !== dead.started)) await linked(aside, path);
  await rm(aside, { force: true });
}
