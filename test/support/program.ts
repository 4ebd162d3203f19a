import { execFileSync, spawnSync, type StdioOptions } from 'node:child_process';

/** A server program that the tests need and npm does not bring. */
export interface NeededProgram {
  /** Names it goes by, the likeliest first. */
  readonly names: readonly [string, ...string[]];
  /** Of Debian; has the program of the first name. */
  readonly debianPackage: string;
  /** Asks it for its version, to see whether it runs: `--version` unless said. */
  readonly versionOption?: string;
  /** What else one could do, as a half-sentence. */
  readonly orElse: string;
}

/**
 * The program on the PATH; else, as root where apt-get exists, Debian's.
 *
 * @throws Error with the command to run, when it is not to be had: the tests never skip
 */
export function programOf({ names, debianPackage, versionOption, orElse }: NeededProgram): string {
  const found = names.find((name) => runs(name, versionOption));
  if (found !== undefined) return found;
  if (process.getuid?.() === 0 && runs('apt-get')) installFromDebian(debianPackage);
  const [name] = names;
  if (!runs(name, versionOption))
    throw new Error(
      `the tests need ${name}. Run  apt-get install ${debianPackage}  (or your system's own way), or ${orElse}`,
    );
  return name;
}

/** Whether it is there and starts. */
export function runs(program: string, versionOption = '--version'): boolean {
  return spawnSync(program, [versionOption]).status === 0;
}

function installFromDebian(name: string): void {
  process.stderr.write(`No ${name} here: installing Debian's with apt-get.\n`);
  const stdio = ['ignore', 'ignore', 'inherit'] satisfies StdioOptions;
  // At this run level the package does not start a server of its own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', name]])
    execFileSync('apt-get', ['-qq', ...args], { stdio, env });
}
