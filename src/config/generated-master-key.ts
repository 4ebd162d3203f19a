import { randomBytes, randomUUID } from 'node:crypto';
import { chown, link, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConfigurationError } from './configuration-error.js';
import { ensureDataDirectory } from './data-directory.js';
import { key } from './parsers.js';

/**
 * The master key of a data directory, made by whoever comes first, in `master.key` (mode 0600, base64). For the embedded
 * database only, which lies beside it and is worth no more than it.
 *
 * @throws ConfigurationError when the file holds something else
 */
export async function generatedMasterKey(dataDir: string): Promise<Buffer> {
  const path = join(await ensureDataDirectory(dataDir), 'master.key');
  const text = (await readIfThere(path)) ?? (await make(path));
  const bytes = key.parse(text.trim());
  if (bytes === undefined) throw new ConfigurationError([`${path} must hold ${key.expected}`]);
  return bytes;
}

/** Whole or not at all, and never in the place of one that is there. */
async function make(path: string): Promise<string> {
  const fresh = `${path}.${randomUUID()}`;
  await writeFile(fresh, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flush: true });
  try {
    // Root works in somebody's directory on their behalf.
    const { uid, gid } = await stat(dirname(path));
    if (process.getuid?.() === 0) await chown(fresh, uid, gid);
    await link(fresh, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(fresh, { force: true });
  }
  return readFile(path, 'utf8');
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
