import { setTimeout as wait } from 'node:timers/promises';
import { rowsOfEach } from '../cohort.js';
import { type Blow } from './blows.js';
import { ChaosWorld } from './chaos-world.js';
import { faultsAtStart, Nemesis } from './nemesis.js';
import { type Distribution } from './recoveries.js';
import { SeededRandom } from './seeded-random.js';
import { Workload } from './workload.js';

/** Longer than any back-off of a worker. */
const STUCK_AFTER_MS = 90_000;
const CALLERS = 2;

export interface ChaosReport {
  readonly seed: number;
  /** What must never be; empty when all is well. */
  readonly offences: readonly string[];
  readonly accepted: number;
  readonly people: number;
  readonly answers: Readonly<Record<string, number>>;
  /** What answers of 500 and 503 were for, as the log has it. */
  readonly failures: Readonly<Record<string, number>>;
  /** Blows by kind, and deaths of processes by their own fault points. */
  readonly struck: Readonly<Record<string, number>>;
  readonly faults: number;
  readonly redoneRows: number;
  /** Of those, for each death of a process; a chunk has `EXPUNGE_CHUNK_ROWS` of `ChaosWorld` at most. */
  readonly redoneRowsPerDeath: number;
  /** Another worker took over. */
  readonly resumedAfterKill: Distribution;
  /** Nobody was left to take over: a process had to start first. */
  readonly resumedAfterKillOfAll: Distribution;
  readonly resumedAfterFlush: Distribution;
  /** From the last blow until everything was settled. */
  readonly settledAfterMs: number;
}

/**
 * Lets the nemesis rage over a service at work, then heals everything and looks what became of it.
 *
 * @param enough asked before each blow, with the number of those before
 * @param only these blows and no faults at starts, each when both workers are at work and what the one before stopped is done
 * @param direct nothing seems to stand between the processes and the database, so that a death is seen by a lock that is free
 */
export async function runChaos(
  seed: number,
  enough: (blows: number) => boolean,
  say: (line: string) => void,
  only: readonly Blow[] | null = null,
  direct = false,
): Promise<ChaosReport> {
  const random = new SeededRandom(seed);
  const world = await ChaosWorld.open(random, (name) => (only ? '' : faultsAtStart(random, name)), direct);
  try {
    await world.start();
    const nemesis = new Nemesis(world, random, say, only);
    const workload = new Workload(world, new SeededRandom(seed + 1));
    const over = new AbortController();
    const asking = workload.run(CALLERS, over.signal);
    await nemesis.rage(enough);
    over.abort();
    await world.heal();
    const healed = performance.now();
    await asking;
    const unsettled = await unsettledWithoutProgress(world);
    const settledAfterMs = Math.round(performance.now() - healed);
    const struck = { ...nemesis.struck };
    const blowsStruck = Object.values(struck).reduce((sum, times) => sum + times, 0);
    const deaths = world.members.reduce((sum, { process: one }) => sum + one.kills, 0);
    const swallowed = world.members.reduce((sum, { proxy }) => sum + proxy.swallowed, 0);
    const { rows: redoneRows } = await world.audit.redone();
    const offences = [
      ...unsettled,
      ...(await lost(world, workload)),
      ...(await miscounted(world, workload.people)),
      ...(await world.witness.residue()),
      ...(await world.witness.disturbed()),
      ...(await world.audit.offences()),
      ...world.members.flatMap(({ process: one }) => one.endings),
      ...((workload.answers['500'] ?? 0) > 0 ? [`${workload.answers['500'] ?? 0} answers were 500`] : []),
      ...(await world.stopProcesses()),
    ];
    return {
      seed,
      offences,
      accepted: workload.accepted.length,
      people: workload.people,
      answers: workload.answers,
      failures: world.members[0]?.process.failures ?? {},
      struck: { ...struck, 'answers to COMMIT that were swallowed': swallowed, deaths },
      faults: blowsStruck,
      redoneRows,
      redoneRowsPerDeath: deaths === 0 ? 0 : redoneRows / deaths,
      resumedAfterKill: await nemesis.recoveries.distribution('worker'),
      resumedAfterKillOfAll: await nemesis.recoveries.distribution('all workers'),
      resumedAfterFlush: await nemesis.recoveries.distribution('flush'),
      settledAfterMs,
    };
  } finally {
    await world.close();
  }
}

/** Slow is not stuck: whoever still writes is given time, however much there is to do. */
async function unsettledWithoutProgress(world: ChaosWorld): Promise<readonly string[]> {
  const { database } = world.postgres;
  let [seen, since] = ['', performance.now()];
  for (;;) {
    const open = await database.run<{ id: string; written: string }>(
      `SELECT id, (SELECT last_value::text FROM audit.seq) AS written FROM expunge.erasure_requests WHERE settled_on IS NULL`,
    );
    const written = open[0]?.written;
    if (written === undefined) return [];
    if (written !== seen) [seen, since] = [written, performance.now()];
    if (performance.now() - since > STUCK_AFTER_MS) return open.map(({ id }) => `${id} is not settled`);
    await wait(100);
  }
}

/** Requests that got their 200 and are not there, and entries that did not end as they must. */
async function lost(world: ChaosWorld, { accepted }: Workload): Promise<readonly string[]> {
  const { database } = world.postgres;
  const missing = await database.run<{ id: string }>(
    `SELECT u.id FROM unnest($1::text[]) AS u (id) WHERE NOT EXISTS (SELECT FROM expunge.erasure_requests r WHERE r.id = u.id)`,
    [accepted],
  );
  const wrong = await database.run<{ told: string }>(
    `SELECT count(*) || ' entries ended ' || status || COALESCE(' ' || reason, '') AS told
     FROM expunge.erasure_subjects WHERE status NOT IN ('SUCCESS', 'NOT_FOUND') GROUP BY status, reason`,
  );
  return [...missing.map(({ id }) => `${id} was accepted and is lost`), ...wrong.map(({ told }) => told)];
}

/** What the counts say must be what there was, however often anything was tried. */
async function miscounted(world: ChaosWorld, people: number): Promise<readonly string[]> {
  const rows = await world.postgres.database.run<{ collection: string; rows: number }>(
    'SELECT collection, sum(rows)::int AS rows FROM expunge.erasure_counts GROUP BY collection',
  );
  const counted = new Map(rows.map((row) => [row.collection, row.rows]));
  return Object.entries(rowsOfEach).flatMap(([collection, each]) =>
    counted.get(collection) === each * people
      ? []
      : [`${collection}: ${counted.get(collection) ?? 0} rows counted instead of ${each * people}`],
  );
}
