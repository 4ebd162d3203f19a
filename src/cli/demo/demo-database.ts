import { rename, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readRecord } from '../../database/embedded/cluster-record.js';
import { EmbeddedPostgres } from '../../database/embedded/embedded-postgres.js';

/** A real PostgreSQL in a directory of its own, empty at the start and gone at the end. */
export class DemoDatabase {
  private constructor(
    /** Of a superuser. */
    readonly url: string,
    /** Absolute. */
    readonly directory: string,
    private readonly postgres: EmbeddedPostgres,
  ) {}

  /**
   * Ends and removes what an earlier demo left behind when it was killed, and starts anew.
   *
   * @throws EmbeddedPostgresError a sentence: another demo runs in this directory, PostgreSQL does not start, …
   */
  static async start(path: string): Promise<DemoDatabase> {
    const directory = resolve(path);
    // Joining is how to end a server that outlived its demo; it is refused while the other demo lives.
    const leftBehind = (await stat(directory).catch(() => null)) !== null;
    if (leftBehind) await (await DemoDatabase.open(directory)).remove();
    return DemoDatabase.open(directory);
  }

  /** Stops the server and leaves nothing. */
  async remove(): Promise<void> {
    // The files are elsewhere where root's server may not enter the directory.
    const { home } = await readRecord(this.directory);
    await this.postgres.stop();
    const aside = `${this.directory}.gone`;
    await rm(aside, { recursive: true, force: true });
    // In one step: a directory removed by half could not be opened again.
    await rename(this.directory, aside);
    for (const path of [home, aside]) await rm(path, { recursive: true, force: true });
  }

  private static async open(directory: string): Promise<DemoDatabase> {
    const postgres = await EmbeddedPostgres.startOrJoin(directory, { hold: true });
    return new DemoDatabase(postgres.url, directory, postgres);
  }
}
