import { invalidArguments } from '../../common/errors/api-error.js';
import { codePoints, describeKind } from '../../common/describe-kind.js';

/** What a call says to be recognised by when it is sent again. */
export interface IdempotentCall {
  /** As the header has it. Anybody's: callers put email addresses in. */
  readonly key: string;
  /** The body, written in one way only: members in alphabetical order, no blanks. */
  readonly body: string;
}

export const IDEMPOTENCY_HEADER = 'Idempotency-Key';
export const LONGEST_KEY = 255;

/**
 * null when the call has no `Idempotency-Key`.
 *
 * @param header as Node decodes it, a character for each byte
 * @throws ApiError 412 naming the header, when it is empty or too long
 */
export function idempotentCallOf(header: string | undefined, body: unknown): IdempotentCall | null {
  const key = idempotencyKeyOf(header);
  return key === null ? null : { key, body: canonical(body) };
}

/** The header as it came, checked; null when there is none. @throws ApiError 412 naming it, when it is empty or too long */
export function idempotencyKeyOf(header: string | undefined): string | null {
  if (header === undefined) return null;
  const text = Buffer.from(header, 'latin1').toString('utf8');
  if (text === '' || codePoints(text) > LONGEST_KEY)
    throw invalidArguments([
      {
        field: IDEMPOTENCY_HEADER,
        problem: describeKind(text),
        expected: `1 to ${LONGEST_KEY} characters, or no such header`,
      },
    ]);
  return header;
}

/** The one way in which a value is written: members in alphabetical order, no blanks. */
export function canonical(body: unknown): string {
  return JSON.stringify(inOrder(body));
}

/** A copy first: a function that `JSON.stringify` calls for each value takes it several times as long. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, inOrder(member)]),
  );
}
