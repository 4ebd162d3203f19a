import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type RelationSight } from '../../stores/reclaim-sight.js';
import { afterLook, type CollectionState, creditOf, reasonFor } from './reclaim-state.js';

const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1) + second * 1_000);

/** A collection of a test, looked at again and again. */
class Watched {
  state: CollectionState | null = null;

  /** @param second when, and the id of the next transaction as well; nothing older runs unless said */
  look(
    second: number,
    relations: Record<string, Partial<Omit<RelationSight, 'lastVacuum'>> & { lastVacuum?: number }>,
    horizon: number | null = second,
  ): void {
    const sights = Object.entries(relations).map(([relation, { lastVacuum, ...sight }]): RelationSight => ({
      relation,
      vacuums: 0,
      lastVacuum: lastVacuum === undefined ? null : at(lastVacuum),
      running: false,
      empty: false,
      waitsFor: 'BELOW_AUTOVACUUM_THRESHOLD',
      ...sight,
    }));
    const sight = { on: at(second), next: second, horizon, heldBy: 'HELD_BY_SLOT' as const };
    this.state = afterLook(this.state, sight, sights);
  }

  /** Since which second what a transaction erased has been free. */
  freeSince(erasedBy: number): number | null {
    const credit = this.state && creditOf(this.state);
    if (!credit || credit.below <= erasedBy) return null;
    return (Date.parse(credit.since) - at(0).getTime()) / 1_000;
  }
}

interface Vacuum {
  readonly from: number;
  readonly to: number;
}

/** Of one table never two run at once. @param begun when each begins, and how long it takes */
function oneAtATime(begun: readonly (readonly [number, number])[]): readonly Vacuum[] {
  const vacuums: Vacuum[] = [];
  for (const [from, length] of begun.toSorted((a, b) => a[0] - b[0]))
    if (from > (vacuums.at(-1)?.to ?? 0)) vacuums.push({ from: from + 0.5, to: from + length + 0.5 });
  return vacuums;
}

/** What a look shows of a table that is vacuumed so. */
function seenAt(
  vacuums: readonly Vacuum[],
  second: number,
): { readonly vacuums: number; readonly running: boolean; readonly lastVacuum?: number } {
  const ended = vacuums.filter(({ to }) => to <= second);
  const last = ended.at(-1);
  return {
    vacuums: ended.length,
    running: vacuums.some(({ from, to }) => from <= second && to > second),
    ...(last ? { lastVacuum: last.to } : {}),
  };
}

describe('the space of erased rows', () => {
  it('is free after a vacuum that began when nobody saw them any more', () => {
    const table = new Watched();
    table.look(10, { a: { vacuums: 3, lastVacuum: 1 } });
    table.look(20, { a: { vacuums: 4, lastVacuum: 17 } });
    expect(table.freeSince(9)).toBe(17);
    // What was erased while or after it ran is not.
    expect(table.freeSince(10)).toBeNull();
    expect(reasonFor(table.state, 10)).toBe('BELOW_AUTOVACUUM_THRESHOLD');
  });

  it('is not, as long as something might still see them, however often it is vacuumed', () => {
    const table = new Watched();
    table.look(10, { a: { vacuums: 3 } }, 5);
    table.look(20, { a: { vacuums: 4, lastVacuum: 17 } }, 5);
    table.look(30, { a: { vacuums: 5, lastVacuum: 27 } }, 30);
    expect(table.freeSince(7)).toBeNull();
    table.look(40, { a: { vacuums: 6, lastVacuum: 33 } }, 40);
    expect(table.freeSince(7)).toBe(33);
  });

  it('is not by a vacuum that may have begun before the look', () => {
    const table = new Watched();
    table.look(10, { a: { vacuums: 3, running: true } });
    table.look(20, { a: { vacuums: 4, lastVacuum: 17 } });
    expect(table.freeSince(5)).toBeNull();
    table.look(30, { a: { vacuums: 5, lastVacuum: 21 } });
    expect(table.freeSince(5)).toBe(21);
  });

  it('is by one that runs through many looks, from the look before it', () => {
    const table = new Watched();
    table.look(10, { a: { vacuums: 3 } });
    for (const second of [20, 30, 40]) table.look(second, { a: { vacuums: 3, running: true } });
    expect(reasonFor(table.state, 5)).toBe('BELOW_AUTOVACUUM_THRESHOLD');
    // It ends, and another one is seen running.
    table.look(50, { a: { vacuums: 4, lastVacuum: 45, running: true } });
    expect(table.freeSince(5)).toBe(45);
    expect(table.freeSince(10)).toBeNull();
    table.look(60, { a: { vacuums: 5, lastVacuum: 55 } });
    expect(table.freeSince(10)).toBeNull();
  });

  it('is not by a vacuum whose count arrives late', () => {
    const table = new Watched();
    table.look(10, { a: { vacuums: 3 } });
    table.look(20, { a: { vacuums: 4, lastVacuum: 9 } });
    expect(table.freeSince(5)).toBeNull();
  });

  it('is not by counters that were reset', () => {
    const table = new Watched();
    table.look(10, { a: { vacuums: 3 } });
    table.look(20, { a: { vacuums: 1, lastVacuum: 15 } });
    expect(table.freeSince(5)).toBeNull();
    table.look(30, { a: { vacuums: 2, lastVacuum: 25, running: true } });
    expect(table.freeSince(5)).toBe(25);
  });

  it('is once every partition and every TOAST table is', () => {
    const table = new Watched();
    table.look(10, { a: {}, 'a toast': {}, b: {} });
    table.look(20, { a: { vacuums: 1, lastVacuum: 12 }, 'a toast': {}, b: { vacuums: 1, lastVacuum: 19 } });
    expect(table.freeSince(5)).toBeNull();
    table.look(30, {
      a: { vacuums: 1, lastVacuum: 12 },
      'a toast': { vacuums: 1, lastVacuum: 25 },
      b: { vacuums: 1, lastVacuum: 19 },
    });
    expect(table.freeSince(5)).toBe(25);
  });

  it('does not wait for a partition that came later and was empty, nor for one that is gone', () => {
    const table = new Watched();
    table.look(10, { a: {}, b: {} });
    table.look(20, { a: { vacuums: 1, lastVacuum: 12 }, c: { empty: true } });
    expect(table.freeSince(5)).toBe(12);
    table.look(30, { a: { vacuums: 2, lastVacuum: 22 }, c: {} });
    expect(table.freeSince(19)).toBe(22);
    table.look(40, { a: { vacuums: 3, lastVacuum: 32 }, c: {} });
    // It may hold what was erased since.
    expect(table.freeSince(20)).toBeNull();
    table.look(50, { a: { vacuums: 3, lastVacuum: 32 }, c: { vacuums: 1, lastVacuum: 43 } });
    expect(table.freeSince(20)).toBe(43);
  });

  it('waits for a partition that came empty while something that was running may still erase from it', () => {
    const table = new Watched();
    table.look(10, { a: {} });
    table.look(20, { a: {}, c: { empty: true } }, 15);
    table.look(30, { a: {}, c: {} });
    table.look(40, { a: { vacuums: 1, lastVacuum: 33 }, c: {} });
    expect(table.freeSince(14)).toBe(33);
    expect(table.freeSince(15)).toBeNull();
  });

  it('waits for a partition that was away for some looks, and for one that came with rows', () => {
    const table = new Watched();
    table.look(10, { a: {}, b: {} });
    table.look(20, { a: { vacuums: 1, lastVacuum: 12 } });
    table.look(30, { a: { vacuums: 1, lastVacuum: 12 }, b: {} });
    expect(table.freeSince(5)).toBeNull();
    expect(reasonFor(table.state, 5)).toBe('BELOW_AUTOVACUUM_THRESHOLD');
    table.look(40, { a: { vacuums: 1, lastVacuum: 12 }, b: { vacuums: 1, lastVacuum: 35 } });
    expect(table.freeSince(5)).toBe(35);
  });

  it('is not known where the role may see neither sessions nor vacuums at work', () => {
    const table = new Watched();
    table.look(10, { a: { vacuums: 3 } }, null);
    table.look(20, { a: { vacuums: 4, lastVacuum: 17 } }, null);
    expect(table.freeSince(5)).toBeNull();
    expect(reasonFor(table.state, 5)).toBe('NOT_VISIBLE');
  });

  it('has a reason while it is not: who holds it, or what of its tables will last longest', () => {
    expect(reasonFor(null, 5)).toBe('NOT_LOOKED_YET');
    const table = new Watched();
    table.look(10, { a: { waitsFor: 'VACUUM_RUNNING' }, b: { waitsFor: 'BELOW_AUTOVACUUM_THRESHOLD' } }, 7);
    expect(reasonFor(table.state, null)).toBe('NOT_LOOKED_YET');
    expect(reasonFor(table.state, 10)).toBe('NOT_LOOKED_YET');
    expect(reasonFor(table.state, 7)).toBe('HELD_BY_SLOT');
    expect(reasonFor(table.state, 6)).toBe('BELOW_AUTOVACUUM_THRESHOLD');
  });

  /** Vacuums as they really were, of two partitions, and looks in between: never more is claimed than was so. */
  it('is never claimed too early', () => {
    const moment = fc.integer({ min: 1, max: 100 });
    const vacuums = fc
      .array(fc.tuple(moment, fc.integer({ min: 1, max: 30 })), { maxLength: 8 })
      .map(oneAtATime);
    fc.assert(
      fc.property(
        fc.record({ a: vacuums, b: vacuums }),
        fc.uniqueArray(moment, { minLength: 2, maxLength: 20 }),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 0, max: 60 }),
        fc.tuple(moment, fc.integer({ min: 0, max: 40 })),
        ({ a, b }, looks, erasedBy, heldUntil, [left, away]) => {
          // A snapshot from second 20 on.
          const horizonAt = (second: number): number => (second < heldUntil ? Math.min(second, 20) : second);
          const freeOn = (partition: readonly Vacuum[]): number =>
            partition.find(({ from }) => horizonAt(from) > erasedBy)?.to ?? Infinity;
          const table = new Watched();
          for (const second of looks.toSorted((one, other) => one - other)) {
            const detached = second >= left && second < left + away;
            const relations = { a: seenAt(a, second), ...(detached ? {} : { b: seenAt(b, second) }) };
            table.look(second, relations, horizonAt(second));
            const since = table.freeSince(erasedBy);
            if (since === null) continue;
            expect(since).toBeGreaterThanOrEqual(detached ? freeOn(a) : Math.max(freeOn(a), freeOn(b)));
          }
        },
      ),
      { numRuns: 5_000 },
    );
  });
});
