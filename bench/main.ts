import { execFileSync } from 'node:child_process';
import { progress, secondsSoFar } from './frame/progress.js';
import { type BenchOptions, parseOptions, usage } from './options.js';
import { runGroups } from './run-groups.js';
import { describeMachine } from './report/machine.js';
import { plain } from './report/measure.js';
import { whyVoid } from './report/verdict.js';
import { writeResults } from './report/write-results.js';
import { BenchServers } from './servers/bench-servers.js';
import { root } from './servers/child-process.js';

/** @returns the exit status: 0 when the run counts, whether targets were met or not; 1 when it is void; 2 for wrong usage */
async function main(): Promise<number> {
  let options: BenchOptions;
  try {
    options = parseOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : ''}\n${usage}\n`);
    return 2;
  }
  progress('starting PostgreSQL and Redis');
  const servers = await BenchServers.start();
  const stop = (): void => {
    void servers.stop().finally(() => process.exit(1));
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  // Servers must not outlive a bench that fails.
  process.once('uncaughtException', (error) => {
    progress(String(error.stack));
    stop();
  });
  try {
    const described = await describeMachine(servers, options.size, commit());
    const measures = await runGroups(servers, options);
    const machine = { ...described, seconds: secondsSoFar() };
    const problems = whyVoid(measures);
    for (const problem of problems) progress(`VOID: ${problem}`);
    if (options.only.length === 0 && options.size !== 'tiny')
      progress(await writeResults(root, machine, measures, problems));
    if (options.json) process.stdout.write(`${JSON.stringify({ machine, measures: measures.map(plain) })}\n`);
    return problems.length === 0 ? 0 : 1;
  } finally {
    await servers.stop();
  }
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}

process.exitCode = await main();
