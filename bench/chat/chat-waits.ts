import { readFile } from 'node:fs/promises';
import { type DataSource } from 'typeorm';
import { sql } from '../../src/database/sql.js';

const everyMs = 10;
/** Microseconds in which some process could have run and had no core, since the system began. Linux alone tells. */
const pressureFile = '/proc/pressure/cpu';

/** Shares of the time, in percent. */
export interface Waits {
  /** Of the chat's statements at the server: waiting for a lock, for anything else (disk, buffers), or for nothing. */
  readonly lock: number;
  readonly other: number;
  readonly nothing: number;
  /** Of the whole time: somebody on this machine waited for a core. NaN where the system does not tell. */
  readonly core: number;
}

/** Looks what the chat waits for while somebody erases: for locks, or for the machine. */
export class ChatWaits {
  private readonly seen = { lock: 0, other: 0, nothing: 0 };
  private stopped = false;

  private constructor(
    private readonly source: DataSource,
    private readonly began: number,
    private readonly pressure: number,
  ) {}

  /** @returns ends it */
  static async watch(source: DataSource): Promise<() => Promise<Waits>> {
    const waits = new ChatWaits(source, performance.now(), await pressureUs());
    const looking = waits.look();
    return async () => {
      waits.stopped = true;
      await looking;
      return waits.shares(await pressureUs());
    };
  }

  private async look(): Promise<void> {
    while (!this.stopped) {
      const rows = await sql<{ what: 'lock' | 'other' | 'nothing'; sessions: number }>(
        this.source.manager,
        `SELECT CASE WHEN wait_event_type IS NULL THEN 'nothing' WHEN wait_event_type = 'Lock' THEN 'lock' ELSE 'other' END AS what,
           count(*)::integer AS sessions
         FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'chat' AND state = 'active' GROUP BY 1`,
      );
      for (const { what, sessions } of rows) this.seen[what] += sessions;
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }

  private shares(pressure: number): Waits {
    const { lock, other, nothing } = this.seen;
    const all = (lock + other + nothing) / 100;
    const ms = performance.now() - this.began;
    return {
      lock: lock / all,
      other: other / all,
      nothing: nothing / all,
      core: (pressure - this.pressure) / (ms * 10),
    };
  }
}

async function pressureUs(): Promise<number> {
  const text = await readFile(pressureFile, 'utf8').catch(() => '');
  return Number(/^some .*total=(\d+)/.exec(text)?.[1] ?? NaN);
}
