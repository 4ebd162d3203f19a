import { visits } from './sample-activity.js';
import { SamplePeople } from './sample-people.js';
import { blockSize } from './sample-person.js';
import { personRows } from './sample-person-rows.js';
import { sessionRows } from './sample-session-rows.js';
import { type SampleRow } from './sample-table.js';
import { sampleWorld, type SampleWorld, worldRows } from './sample-world.js';

export interface SampleOptions {
  readonly seed: number;
  /** Everyone, anonymous visitors too; at least one block of fifty. Each has some hundred rows on average. */
  readonly people: number;
}

/**
 * A bot platform with everything that makes erasing hard: two tenants whose users share emails and identities, page-scoped
 * ids, families with one telephone, sessions of several people, rows of bots that are gone, visitors nobody knows.
 * A pure function of its options.
 */
export class SamplePlatform {
  readonly world: SampleWorld;
  readonly people: SamplePeople;

  constructor(readonly options: SampleOptions) {
    if (!Number.isInteger(options.people) || options.people < blockSize)
      throw new Error(`a sample platform has at least ${blockSize} people`);
    this.world = sampleWorld(options.seed);
    this.people = new SamplePeople(this.world, options.seed, options.people);
  }

  /** Every row, in an order in which no table's row comes before one that it refers to. */
  *rows(): Generator<SampleRow> {
    const { seed } = this.options;
    yield* worldRows(this.world, seed);
    for (const person of this.people.all()) yield* personRows(person, seed);
    for (const visit of visits(this.people)) yield* sessionRows(this.people, this.world, seed, visit);
  }
}
