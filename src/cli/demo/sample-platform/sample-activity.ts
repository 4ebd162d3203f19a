import { type Random } from './random.js';
import { type SamplePeople } from './sample-people.js';

/** Sessions that a person has on average; together with the rows of a session some hundred rows of personal data. */
const sessionsPerPerson = 6.6;
/** How fast activity falls with rank (Zipf): of 2,000 people the most active one has some 6 % of everything. */
const exponent = 0.8;
/** Prime, so that walking in steps of it meets everyone once: rank says nothing about account or role. */
const stride = 7919;

/** One session that someone has. */
export interface Visit {
  readonly index: number;
  /** 0 for the person's first session. */
  readonly number: number;
  /** Sessions that the person has in all. */
  readonly of: number;
}

/**
 * Every session of everyone, round by round, as a platform writes them: the rows of one person lie scattered over the tables
 * among those of others. Holds nothing in memory.
 */
export function* visits(people: SamplePeople): Generator<Visit> {
  const count = people.count;
  let weight = 0;
  for (let rank = 1; rank <= count; rank++) weight += rank ** -exponent;
  const most = (count * sessionsPerPerson) / weight;
  const sessionsAt = (rank: number): number => Math.max(1, Math.round(most * (rank + 1) ** -exponent));
  const step = count % stride === 0 ? 1 : stride;
  for (let number = 0; number < sessionsAt(0); number++)
    for (let rank = 0; rank < count && sessionsAt(rank) > number; rank++)
      yield { index: (rank * step) % count, number, of: sessionsAt(rank) };
}

const begin = Date.UTC(2025, 4, 1);
const span = Date.UTC(2026, 9, 31) - begin;

/** When a visit began, in milliseconds: the first near the beginning, the last near the end. */
export function startOf({ number, of }: Visit, random: Random): number {
  return begin + Math.floor(((number + random.next()) / of) * span);
}

/** ISO 8601, some seconds after a moment. */
export function after(startMs: number, seconds: number): string {
  return new Date(startMs + seconds * 1000).toISOString();
}
