import { chmod, mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';

/**
 * The absolute path of the data directory, made if it is not there. What lies in it is private by its own mode; root leaves
 * others the way through, because the account that runs PostgreSQL for root must reach its files. An existing directory is
 * never opened further.
 */
export async function ensureDataDirectory(path: string): Promise<string> {
  const directory = resolve(path);
  const made = await mkdir(directory, { recursive: true });
  if (made !== undefined) await chmod(directory, process.getuid?.() === 0 ? 0o711 : 0o700);
  return directory;
}
