import { randomBytes, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, mkdir, open, readFile, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { type Owner, writePrivateFile } from './private-file.js';
import { canEnter, serverAccount } from './server-account.js';
import { sharedDirectory } from './shared-directory.js';

/** What the data directory remembers of its database, in `postgres.json` (mode 0600). */
export interface ClusterRecord {
  /** Absolute. Private to the account that runs the server: mode 0700, its own. */
  readonly home: string;
  /** The port of the last start: kept while it is free, so that a joined process finds the server again. */
  readonly port: number;
  readonly password: string;
  /** Database files were made: without them, data has been lost. */
  readonly initialised: boolean;
}

/**
 * @returns the record; a new one, with a home made for it, for a data directory without database files
 * @throws EmbeddedPostgresError when there are files but no record of them
 */
export async function readRecord(dataDirectory: string): Promise<ClusterRecord> {
  const text = await readFile(pathIn(dataDirectory), 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  });
  if (text !== null) {
    const record = JSON.parse(text) as ClusterRecord;
    return { ...record, home: resolve(dataDirectory, record.home) };
  }
  if (await stat(join(dataDirectory, 'postgres')).catch(() => null))
    throw new EmbeddedPostgresError(
      `${pathIn(dataDirectory)} is missing, which holds the password of ${join(dataDirectory, 'postgres')}: restore it, or move that directory away to begin anew`,
    );
  const password = randomBytes(24).toString('base64url');
  return { home: await chooseHome(dataDirectory), port: 0, password, initialised: false };
}

export async function writeRecord(
  dataDirectory: string,
  record: ClusterRecord,
  owner: Owner | null,
): Promise<void> {
  // Relative while it lies inside, so that the whole directory can be moved.
  const inside = relative(dataDirectory, record.home);
  const home = inside.startsWith('..') ? record.home : inside;
  await writePrivateFile(pathIn(dataDirectory), `${JSON.stringify({ ...record, home }, null, 2)}\n`, owner);
}

/**
 * Makes the home, private to the account, with a note of whose it is: it may lie far from its data directory. One that is
 * there already may be the work of a start that was interrupted before it had given it away: it is given once more.
 */
export async function makeHome(home: string, account: Owner | null, dataDirectory: string): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  if (account === null) await chmod(home, 0o700);
  else await giveAway(home, account);
  await writePrivateFile(join(home, 'belongs-to'), `${dataDirectory}\n`, account);
}

/** By its handle: a link that the directory's owner put there leads root nowhere. */
async function giveAway(home: string, { uid, gid }: Owner): Promise<void> {
  const directory = await open(home, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    await directory.chmod(0o700);
    await directory.chown(uid, gid);
  } finally {
    await directory.close();
  }
}

/** In the data directory where the server's account can reach it, else among root's shared state. */
async function chooseHome(dataDirectory: string): Promise<string> {
  if (await canEnter(dataDirectory, await serverAccount(null))) return join(dataDirectory, 'postgres');
  const homes = join(await sharedDirectory(), 'clusters');
  if ((await mkdir(homes, { recursive: true })) !== undefined) await chmod(homes, 0o711);
  return join(homes, randomUUID());
}

function pathIn(dataDirectory: string): string {
  return join(dataDirectory, 'postgres.json');
}
