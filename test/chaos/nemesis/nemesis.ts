import { setTimeout as wait } from 'node:timers/promises';
import { type FaultPoint, faultPoints } from '../../../src/config/fault-points.js';
import { type Blow, blows } from './blows.js';
import { type ChaosWorld } from './chaos-world.js';
import { Recoveries } from './recoveries.js';
import { type SeededRandom } from './seeded-random.js';

/** Long enough for processes that have to start first. */
const AT_WORK_WITHIN_MS = 30_000;

/** Strikes one blow after another, as the seed says. */
export class Nemesis {
  readonly struck: Record<string, number> = {};
  readonly recoveries: Recoveries;

  constructor(
    private readonly world: ChaosWorld,
    private readonly random: SeededRandom,
    private readonly say: (line: string) => void,
    private readonly only: readonly Blow[] | null,
  ) {
    this.recoveries = new Recoveries(world);
  }

  /** Every kind of blow once, in random order, then any of them, each while the service is at work. */
  async rage(enough: (blows: number) => boolean): Promise<void> {
    const among = this.only ?? blows;
    const first = this.shuffled(among);
    for (let number = 0; !enough(number); number += 1) {
      await this.atWork();
      await wait(this.random.between(0, this.only ? 500 : 1_500));
      if (this.only) await this.allAtWork();
      const blow = first.shift() ?? this.random.oneOf(among);
      this.say(blow.name);
      const from = new Date();
      // PostgreSQL may be away, and with it the answer to what there is to strike.
      await blow.strike(this.world, this.random, this.recoveries).catch((error: unknown) => {
        this.say(`  missed: ${(error as Error).message}`);
      });
      this.struck[blow.name] = (this.struck[blow.name] ?? 0) + 1;
      if (!/worker|FLUSHALL/.test(blow.name)) this.recoveries.disturbedSince(from);
    }
  }

  /** Until something was written for a batch that was not before: else one blow would strike the bruise of the other. */
  private async atWork(): Promise<void> {
    const before = await this.written();
    for (const deadline = performance.now() + AT_WORK_WITHIN_MS; performance.now() < deadline;) {
      const now = await this.written();
      if (now !== null && before !== null && now > before) return;
      await wait(50);
    }
    this.say('  nothing was written for a while');
  }

  /** Until every worker holds a batch, and what was taken over is through: the next blow begins where nothing is amiss. */
  private async allAtWork(): Promise<void> {
    for (const deadline = performance.now() + AT_WORK_WITHIN_MS; performance.now() < deadline;) {
      if (await this.recoveries.allAtWork()) return;
      await wait(20);
    }
    this.say('  not everybody was at work');
  }

  private async written(): Promise<bigint | null> {
    const rows = await this.world.postgres.database
      .run<{ last: string }>('SELECT last_value AS last FROM audit.seq')
      .catch(() => []);
    return rows[0] ? BigInt(rows[0].last) : null;
  }

  private shuffled<T>(all: readonly T[]): T[] {
    const left = [...all];
    const shuffled: T[] = [];
    while (left.length > 0) shuffled.push(...left.splice(this.random.between(0, left.length - 1), 1));
    return shuffled;
  }
}

/** Tells most processes at their start where they are going to fail by themselves: `FAULT_POINTS`. */
export function faultsAtStart(random: SeededRandom, name: string): string {
  const ofApi = (point: FaultPoint): boolean => /^accept(-alone)?:/.test(point);
  if (random.next() < 0.3) return '';
  const at = random.oneOf(faultPoints.filter((point) => ofApi(point) === (name === 'api')));
  // At the moment of telling the queue there is no connection to lose.
  const lose = at === 'accept:announced' ? 'kill' : 'lose';
  const what = random.oneOf(['kill', 'kill', lose, 'stall:4000']);
  return `${at}#${random.between(1, 12)}=${what}`;
}
