import { CommanderError } from 'commander';
import { exitStatus } from './cli/command.js';
import { program } from './cli/program.js';

/** How long what was not closed may keep a command from ending. */
const patienceMs = 2_000;

/**
 * The `expunge` command. Sets the process's exit status: 0 done, 1 failed, 2 wrong usage, 78 wrong configuration.
 * @param argv as in `process.argv`
 */
export async function run(argv: readonly string[]): Promise<void> {
  try {
    await program((status) => {
      process.exitCode = status;
    }).parseAsync([...argv]);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? exitStatus.done : exitStatus.wrongUsage;
  }
  setTimeout(() => process.exit(), patienceMs).unref();
}
