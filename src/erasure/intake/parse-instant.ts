import { describeKind } from '../../common/describe-kind.js';
import { type FieldProblems } from './field-problems.js';

const ISO_8601 =
  /^(\d{4})-(\d{2})-(\d{2})(?:T([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d))?$/;

/** Clocks differ a little; a caller's "now" may be a moment ahead of ours. */
const LEEWAY_MS = 60_000;

/**
 * A point in time from ISO 8601 (a date, or a date and time with its offset), not before 1970 and not after `latest`.
 * Adds to `problems` and gives null when it isn't one; gives null when it is absent.
 */
export function parseInstant(
  value: unknown,
  field: string,
  bound: { readonly latest: Date; readonly what: string },
  problems: FieldProblems,
): Date | null {
  if (value === undefined) return null;
  const expected = `a time like 2026-11-23T08:42:53Z, ${bound.what}`;
  const parts = typeof value === 'string' ? ISO_8601.exec(value) : null;
  if (!parts || !isCalendarDay(Number(parts[1]), Number(parts[2]), Number(parts[3]))) {
    problems.add(
      field,
      typeof value === 'string' ? 'a string that is no time' : describeKind(value),
      expected,
    );
    return null;
  }
  const instant = new Date(parts[0]);
  if (instant.getTime() < 0 || instant.getTime() > bound.latest.getTime() + LEEWAY_MS) {
    problems.add(field, instant.getTime() < 0 ? 'a time before 1970' : 'a time too far ahead', expected);
    return null;
  }
  return instant;
}

/** `new Date('2026-02-30')` is the second of March. */
function isCalendarDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
