import { type Pool } from 'pg';
import { type Contestant, type Ran } from '../frame/contestant.js';
import { botIds } from '../platform/layout.js';
import { type Slice } from '../platform/arena.js';
import { openPool } from './in-chunks.js';
import { prepare, sampleStatements } from './sample-statements.js';
import { lookUp, parametersOf } from './sql-person.js';

const rowsAtOnce = 100;

/**
 * The negative control, a widespread way to delete in batches: `ctid IN (SELECT ctid … WHERE user_id = ANY (all ids) LIMIT n)`
 * until nothing is left. The LIMIT makes the planner read the table from its beginning, again in every round. A bench that
 * does not see how slow that is can't be believed. It is stopped after a while.
 */
export class CtidLimitLoop implements Contestant {
  readonly name = 'ctid limit loop';
  private readonly pool: Pool;

  constructor(
    url: string,
    readonly slices: number,
    private readonly patienceMs: number,
  ) {
    this.pool = openPool(url, this.name);
  }

  async run({ userIds, rows }: Slice): Promise<Ran> {
    const began = performance.now();
    const parameters = parametersOf(await lookUp(this.pool, userIds), botIds);
    let gone = 0;
    for (const { erase, uses } of sampleStatements) {
      const { text, values } = prepare(inRounds(erase), uses)(parameters);
      for (let taken = rowsAtOnce; taken === rowsAtOnce;) {
        const left = this.patienceMs - (performance.now() - began);
        if (left <= 0) return { seconds: (performance.now() - began) / 1000, rows: gone, finished: false };
        taken = (await this.pool.query(text, values)).rowCount ?? 0;
        gone += taken;
      }
    }
    return { seconds: (performance.now() - began) / 1000, rows, finished: true };
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}

function inRounds(erase: string): string {
  const [what = '', condition = ''] = erase.split(/ WHERE (.*)/s);
  const table = /platform\.\w+/.exec(what)?.[0] ?? '';
  return `${what} WHERE t.ctid IN (SELECT t.ctid FROM ${table} AS t WHERE ${condition} LIMIT ${rowsAtOnce})`;
}
