import { randomUUID } from 'node:crypto';
import { chown, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Owner, writePrivateFile } from './private-file.js';
import { isAlive, ownIdentity, type ProcessIdentity } from './process-identity.js';

/** A process that uses the database; `holds` for the one `serve` that a data directory may have. */
interface Entry extends ProcessIdentity {
  readonly holds: boolean;
}

/** The processes that use the database of a data directory, one file each. Read and written under the directory's lock. */
export class ProcessRegistry {
  constructor(
    private readonly directory: string,
    private readonly owner: Owner | null,
  ) {}

  /** Enters this process; several entries of one process count separately. @returns what `remove` takes */
  async add(holds: boolean): Promise<string> {
    const made = await mkdir(this.directory, { recursive: true, mode: 0o700 });
    if (made !== undefined && this.owner !== null)
      await chown(this.directory, this.owner.uid, this.owner.gid);
    const path = join(this.directory, `${randomUUID()}.json`);
    await writePrivateFile(path, JSON.stringify({ ...ownIdentity(), holds } satisfies Entry), this.owner);
    return path;
  }

  async remove(path: string): Promise<void> {
    await rm(path, { force: true });
  }

  /** The processes that still run; forgets those that ended without saying so. */
  async alive(): Promise<readonly Entry[]> {
    const alive: Entry[] = [];
    for (const name of await readdir(this.directory).catch(() => [])) {
      const path = join(this.directory, name);
      const entry = name.endsWith('.json') ? (JSON.parse(await readFile(path, 'utf8')) as Entry) : null;
      if (entry !== null && isAlive(entry)) alive.push(entry);
      else await this.remove(path);
    }
    return alive;
  }
}
