import { randomUUID } from 'node:crypto';
import { open, rename } from 'node:fs/promises';

/** Whose files they are; null where the system has no such numbers (Windows). */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Writes a file of mode 0600 in one step: readers see the old text or the new one. The file is made anew and given to its
 * owner by its handle, so that a link put there by the directory's owner leads root nowhere.
 */
export async function writePrivateFile(path: string, text: string, owner: Owner | null): Promise<void> {
  const fresh = `${path}.${randomUUID()}`;
  const file = await open(fresh, 'wx', 0o600);
  try {
    await file.writeFile(text);
    if (owner !== null) await file.chown(owner.uid, owner.gid);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
}
