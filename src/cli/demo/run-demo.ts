import { migrate } from '../../database/migrate.js';
import { CommandFailure, type LastingIo } from '../command.js';
import { DatabaseOfCommand } from '../command-database.js';
import { sentencesOf } from '../sentences-of.js';
import { startService } from '../../main.js';
import { DemoDatabase } from './demo-database.js';
import { demoSettings } from './demo-settings.js';
import { loadSamplePlatform } from './sample-platform/load-sample-platform.js';
import { type SampleOptions } from './sample-platform/sample-platform.js';
import { Screen } from './screen.js';
import { seconds, thousands } from './demo-text.js';
import { eraseAndCheck } from './erase-and-check.js';

export interface DemoOptions {
  /** Of this demo alone: made at its start, removed at its end. */
  readonly directory: string;
  readonly sample: SampleOptions;
}

/** What the demo gets from outside. */
export type DemoIo = Pick<LastingIo, 'out' | 'draw' | 'stop'>;

/**
 * The whole demo, from nothing to nothing. @returns whether everything held
 *
 * @throws CommandFailure one sentence that says at which step it ended and why; also then nothing is left behind
 */
export async function runDemo(options: DemoOptions, io: DemoIo): Promise<boolean> {
  const begin = performance.now();
  const screen = new Screen(io);
  const kept: string[] = [];
  const end = (): string =>
    kept.length === 0 ? 'nothing of it is left behind' : `${kept.join()} could not be removed`;
  try {
    screen.say(
      "Expunge erases users' data from a bot platform. Here on a sample platform, from an empty directory.\n",
    );
    const held = await inPlace(options, io.stop, screen, kept);
    screen.say(`\nThe whole demo took ${seconds(performance.now() - begin)}, and ${end()}.`);
    return held;
  } catch (error) {
    const why = io.stop.aborted
      ? 'it was told to stop'
      : sentencesOf(error)
          .join('; ')
          .replace(/^expunge: /, '');
    screen.say('');
    throw new CommandFailure(`the demo ended early (${screen.underWay}): ${why}; ${end()}`);
  }
}

/** @param kept gets what could not be removed at the end */
async function inPlace(
  { directory, sample }: DemoOptions,
  stop: AbortSignal,
  screen: Screen,
  kept: string[],
): Promise<boolean> {
  const server = await screen.step(
    'starting PostgreSQL',
    () => DemoDatabase.start(directory),
    (started) => `PostgreSQL in ${started.directory}`,
  );
  const settings = demoSettings(server.url);
  const database = new DatabaseOfCommand(settings);
  const closers: (() => Promise<void>)[] = [() => database.close()];
  try {
    const { platform, dataSource } = await screen.step(
      'writing a sample platform',
      async () => {
        await migrate({ databaseUrl: server.url, databasePoolSize: 1 }, { samplePlatform: true });
        const { dataSource } = await database.open();
        return { dataSource, ...(await loadSamplePlatform(dataSource, sample, stop)) };
      },
      ({ rows }) =>
        `${thousands(rows)} rows of ${thousands(sample.people)} people: 2 accounts, 12 bots, 8 channels`,
    );
    const service = await screen.step(
      'starting the service',
      () => startService(settings),
      ({ url }) => `API and worker on ${url ?? ''}`,
    );
    closers.push(() => service.stop());
    stop.throwIfAborted();
    return await eraseAndCheck({ platform, dataSource, settings, url: service.url ?? '', stop }, screen);
  } finally {
    // What fails here must not hide why the demo ended.
    for (const close of closers.reverse()) await close().catch(() => undefined);
    await server.remove().catch(() => kept.push(server.directory));
  }
}
