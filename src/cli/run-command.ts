import { EventLog } from '../common/logging/event-log.js';
import { defineEvent } from '../common/logging/event.js';
import { ConfigurationError } from '../config/configuration-error.js';
import { loadSettings } from '../config/load-settings.js';
import { processEnvironment } from '../config/environment.js';
import { watchFaultPoints } from '../config/fault-points.js';
import { faultsFrom } from '../config/faults-from-environment.js';
import { exitStatus, type LastingIo } from './command.js';
import { DatabaseOfCommand } from './command-database.js';
import { sentencesOf } from './sentences-of.js';

const unknownSetting = defineEvent('settings.unknown', { name: 'code' });

/** What runs: a command with its options, loaded when it is called. */
export interface Run {
  readonly command: (io: LastingIo) => Promise<number>;
  /** It ends by itself when it is told to stop. */
  readonly lasting: boolean;
}

/**
 * Runs a command from beginning to end: settings, log, database, signals, errors. @returns the exit status
 */
export async function runCommand(run: Run): Promise<number> {
  const err = (text: string): void => {
    process.stderr.write(`${text}\n`);
  };
  try {
    const { settings, unknown } = loadSettings(processEnvironment());
    watchFaultPoints(faultsFrom(processEnvironment(), settings.production));
    const log = new EventLog(settings.logLevel);
    for (const name of unknown) log.warn(unknownSetting, { name });
    const database = new DatabaseOfCommand(settings);
    const signals = listen();
    // Waiting for a signal alone would not keep a process running.
    const awake = setInterval(() => undefined, 60_000);
    const io: LastingIo = {
      out: (text) => {
        process.stdout.write(`${text}\n`);
      },
      err,
      settings,
      log,
      stop: signals.stop,
      draw: process.stdout.isTTY ? draw : null,
      database: () => database.open(),
    };
    try {
      return await (run.lasting ? run.command(io) : Promise.race([run.command(io), signals.ended]));
    } finally {
      await database.close();
      clearInterval(awake);
    }
  } catch (error) {
    for (const sentence of sentencesOf(error)) err(sentence);
    return statusOf(error);
  }
}

function draw(text: string): void {
  process.stdout.write(`\r\u001b[2K${text}`);
}

/** The first signal asks to end; a second one ends at once, as if nobody had listened. */
function listen(): { readonly stop: AbortSignal; readonly ended: Promise<number> } {
  const stop = new AbortController();
  const ended = new Promise<number>((end) => {
    for (const [signal, status] of [['SIGINT', 130] as const, ['SIGTERM', 143] as const])
      process.once(signal, () => {
        stop.abort(signal);
        end(status);
      });
  });
  return { stop: stop.signal, ended };
}

function statusOf(error: unknown): number {
  if (error instanceof ConfigurationError) return exitStatus.wrongConfiguration;
  const { status } = error as { status?: unknown };
  return typeof status === 'number' ? status : exitStatus.failed;
}
