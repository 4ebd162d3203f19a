import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** What TypeORM takes as entity or migration. */
export type AnyClass = new (...args: never[]) => object;

const sources = fileURLToPath(new URL('..', import.meta.url));

/**
 * The classes exported by the files below a directory of src/ (of dist/ when built) whose names end so: entities and
 * migrations are found where they are written, no list has to be kept.
 * @param ending without extension: `.entity`; empty for all files
 */
export async function loadClasses(directory: string, ending: string): Promise<AnyClass[]> {
  const root = join(sources, directory);
  const names = await readdir(root, { recursive: true });
  const files = names.filter(
    (name) =>
      /(?<!\.d)\.[jt]s$/.test(name) && !/\.spec\.[jt]s$/.test(name) && name.slice(0, -3).endsWith(ending),
  );
  const modules = await Promise.all(
    files
      .sort()
      .map((name) => import(pathToFileURL(join(root, name)).href) as Promise<Record<string, unknown>>),
  );
  return modules.flatMap((module) => Object.values(module)).filter(isClass);
}

function isClass(value: unknown): value is AnyClass {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}
