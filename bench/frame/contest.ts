import { type Arena } from '../platform/arena.js';
import { type Fingerprint } from '../platform/fingerprint.js';
import { type Contestant, type Ran } from './contestant.js';
import { progress } from './progress.js';
import { type Random } from './random.js';
import { Watch, type Watched } from './watch.js';

export interface TimedRun extends Ran, Watched {
  readonly rowsPerSecond: number;
  /** Sentences; none when everybody of the slice is gone and nobody else was touched. */
  readonly wrong: readonly string[];
}

/** Whether all of them erased exactly whom they should. */
export function allRight(runs: readonly TimedRun[]): boolean {
  return runs.every(({ wrong }) => wrong.length === 0);
}

/** Runs of each contestant by name, in the order of the rounds: runs of one index belong together. */
export type Rounds = ReadonlyMap<string, readonly TimedRun[]>;

/**
 * Lets contestants run in turns on slices of one arena, in another random order each round. Before each run everything is
 * written to disk; after each every row of every table is looked at, of those who were to go and of everybody else.
 */
export class Contest {
  private readonly runs = new Map<string, TimedRun[]>();
  private last: Fingerprint | null = null;

  constructor(
    private readonly arena: Arena,
    private readonly contestants: readonly Contestant[],
    private readonly random: Random,
  ) {}

  get rounds(): Rounds {
    return this.runs;
  }

  /** A run each that does not count: programs and caches warm up. */
  async warmUp(): Promise<void> {
    for (const contestant of this.contestants) {
      const run = await this.run(contestant);
      if (run.wrong.length > 0) progress(`${contestant.name}: ${run.wrong.join('; ')}`);
    }
  }

  /** @param names of those who run; by default all */
  async round(names: readonly string[] | null = null): Promise<void> {
    const running = this.contestants.filter(({ name }) => names === null || names.includes(name));
    for (const contestant of this.random.shuffled(running)) {
      const run = await this.run(contestant);
      const known = this.runs.get(contestant.name);
      if (known) known.push(run);
      else this.runs.set(contestant.name, [run]);
      const rate = `${Math.round(run.rowsPerSecond)} rows/s`;
      progress(`  ${contestant.name}: ${rate} (${run.seconds.toFixed(2)} s) ${run.wrong.join('; ')}`);
    }
  }

  private async run(contestant: Contestant): Promise<TimedRun> {
    const { arena } = this;
    const before = (this.last ??= await arena.fingerprint());
    const slice = arena.next(contestant.slices);
    await arena.source.query('CHECKPOINT');
    const watch = await Watch.start(arena.source);
    const ran = await contestant.run(slice);
    const watched = await watch.stop();
    this.last = await arena.fingerprint();
    const wrong = this.last.wrongSince(before, slice.numbers, ran.finished);
    await tidyUp(arena);
    return { ...ran, ...watched, wrong, rowsPerSecond: ran.rows / ran.seconds };
  }
}

/** What autovacuum would do to the small tables that change all the time. */
async function tidyUp(arena: Arena): Promise<void> {
  const tables: { readonly name: string }[] = await arena.source.query(
    `SELECT oid::regclass::text AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'expunge'::regnamespace`,
  );
  await arena.source.query(`VACUUM (ANALYZE) ${tables.map(({ name }) => name).join(', ')}`);
}
