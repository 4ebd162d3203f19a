import { type ApiErrorDetail, invalidArguments } from '../../common/errors/api-error.js';
import { describeKind } from '../../common/describe-kind.js';
import { type SubjectStatus, subjectStatuses } from '../erasure-status.js';

/** Which subjects of a request are wanted. */
export interface StatusPage {
  /** Position to begin at. */
  readonly first: number;
  readonly limit: number;
  readonly status: SubjectStatus | null;
}

/** Entries that one answer holds at most. */
export const MOST_ENTRIES = 10_000;

/**
 * Reads the query of the status route. Parameters that it does not know are left alone: proxies and caches add their own.
 *
 * @throws ApiError 412
 */
export function parseStatusPage(query: Readonly<Record<string, unknown>>): StatusPage {
  const details: ApiErrorDetail[] = [];
  const { limit, cursor, status } = query;
  const wanted = limit === undefined ? MOST_ENTRIES : wholeNumber(limit);
  if (wanted === null || wanted < 1 || wanted > MOST_ENTRIES)
    details.push({
      field: 'limit',
      problem: kindOf(limit),
      expected: `a whole number from 1 to ${MOST_ENTRIES}`,
    });
  const first = cursor === undefined ? 0 : decodeCursor(cursor);
  if (first === null)
    details.push({ field: 'cursor', problem: 'something else', expected: 'nextCursor of an earlier answer' });
  if (status !== undefined && !isStatus(status))
    details.push({
      field: 'status',
      problem: kindOf(status),
      expected: `one of ${subjectStatuses.join(', ')}`,
    });
  if (details.length > 0) throw invalidArguments(details);
  return { first: first ?? 0, limit: wanted ?? MOST_ENTRIES, status: isStatus(status) ? status : null };
}

/** A cursor is opaque to clients: where the next page begins. */
export function encodeCursor(position: number): string {
  return Buffer.from(`from ${position}`).toString('base64url');
}

function decodeCursor(cursor: unknown): number | null {
  if (typeof cursor !== 'string' || cursor.length > 40) return null;
  const text = Buffer.from(cursor, 'base64url').toString();
  return text.startsWith('from ') ? wholeNumber(text.slice('from '.length)) : null;
}

function wholeNumber(text: unknown): number | null {
  return typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : null;
}

function isStatus(value: unknown): value is SubjectStatus {
  return (subjectStatuses as readonly unknown[]).includes(value);
}

function kindOf(value: unknown): string {
  return typeof value === 'string' && value !== '' ? 'something else' : describeKind(value);
}
