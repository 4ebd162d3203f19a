import { randomUUID } from 'node:crypto';
import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { asRoot } from './server-account.js';
import { sharedDirectory } from './shared-directory.js';

/**
 * The directory with `bin`, `lib` and `share` of the PostgreSQL that came as an optional npm package: the package's own, or
 * a copy where that can't serve: for root, whose server runs under another account, and where the package is not ours to
 * complete.
 *
 * @throws EmbeddedPostgresError when there is no such package, naming the command that brings it
 */
export async function serverBinaries(dataDirectory: string): Promise<string> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const packageDirectory = locate(`@embedded-postgres/${platform}`);
  const native = join(packageDirectory, 'native');
  if (!asRoot && (await completed(native))) return native;
  const { version } = JSON.parse(await readFile(join(packageDirectory, 'package.json'), 'utf8')) as {
    version: string;
  };
  return copyOnce(
    native,
    join(asRoot ? await sharedDirectory() : dataDirectory, `postgresql-${version}-${platform}`),
  );
}

function locate(name: string): string {
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch {
    throw new EmbeddedPostgresError(
      `the embedded PostgreSQL needs the package ${name}, which is not installed: ` +
        'run  npm ci --include=optional  or set DATABASE_URL to a PostgreSQL of your own',
    );
  }
}

async function completed(native: string): Promise<boolean> {
  try {
    await makeLinks(native);
    return true;
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

/** Copied beside its place and renamed: whoever finds the directory finds all of it. The first of several wins. */
async function copyOnce(native: string, target: string): Promise<string> {
  if (await stat(target).catch(() => null)) return target;
  const unfinished = `${target}.${randomUUID()}`;
  try {
    await copyReadable(native, unfinished);
    await makeLinks(unfinished);
    await rename(unfinished, target);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    if (!(await stat(target).catch(() => null))) throw error;
  }
  return target;
}

/** Everybody may read and enter the copy, whatever the umask under which the package was installed. */
async function copyReadable(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyReadable(source, target);
    else if (entry.isFile()) {
      await copyFile(source, target);
      await chmod(target, (await stat(source)).mode & 0o100 ? 0o755 : 0o644);
    }
  }
  await chmod(to, 0o755);
}

/** npm packages hold no links: the package lists them, for an install script that does not run here. */
async function makeLinks(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const inPackage = (path: string): string => join(native, relative('native', path));
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = inPackage(target);
    try {
      await symlink(relative(dirname(link), inPackage(source)), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
