import { invalidArguments } from '../../common/errors/api-error.js';
import { codePoints, describeKind } from '../../common/describe-kind.js';
import { inTurns } from '../../common/in-turns.js';

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
export async function idempotentCallOf(
  header: string | undefined,
  body: unknown,
): Promise<IdempotentCall | null> {
  const key = idempotencyKeyOf(header);
  return key === null ? null : { key, body: await canonicalInTurns(body) };
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

/** `canonical` of an object whose lists may be long, leaving the event loop to others now and then. */
export async function canonicalInTurns(body: unknown): Promise<string> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return canonical(body);
  const members: string[] = [];
  for (const [name, value] of entriesInOrder(body)) {
    const list = Array.isArray(value) ? (value as readonly unknown[]) : null;
    const written = list === null ? canonical(value) : `[${(await inTurns(list, canonical)).join(',')}]`;
    members.push(`${JSON.stringify(name)}:${written}`);
  }
  return `{${members.join(',')}}`;
}

/** A copy first: a function that `JSON.stringify` calls for each value takes it several times as long. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(entriesInOrder(value).map(([name, member]) => [name, inOrder(member)]));
}

function entriesInOrder(value: object): [string, unknown][] {
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}
