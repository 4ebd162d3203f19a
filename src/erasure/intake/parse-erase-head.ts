import { type ApiError, type ApiErrorDetail, invalidArguments } from '../../common/errors/api-error.js';
import { describeKind } from '../../common/describe-kind.js';
import { type EraseHead, limits } from './erase-command.js';
import { type FieldProblems } from './field-problems.js';
import { parseInstant } from './parse-instant.js';
import { textProblem } from './text-problem.js';

/** The fields of an erase call besides its entries. */
export const headFields = [
  'botIds',
  'RemoveDataFromAllBots',
  'removeDataFromAllBots',
  'reference',
  'receivedOn',
  'notBefore',
] as const;

/** Reads everything of an erase call but its entries; what is wrong goes to `problems`, and then the result is of no use. */
export function parseEraseHead(
  body: Readonly<Record<string, unknown>>,
  now: Date,
  problems: FieldProblems,
): EraseHead {
  const allBots = parseFlag(body, problems);
  const botIds = allBots ? [] : parseBotIds(body['botIds'], problems);
  const reference = parseReference(body['reference'], problems);
  const receivedOn = parseInstant(
    body['receivedOn'],
    'receivedOn',
    { latest: now, what: 'not ahead of now' },
    problems,
  );
  const notBefore = parseInstant(
    body['notBefore'],
    'notBefore',
    {
      latest: new Date(now.getTime() + limits.notBeforeDays * 86_400_000),
      what: `at most ${limits.notBeforeDays} days ahead`,
    },
    problems,
  );
  return { allBots, botIds, reference, receivedOn, notBefore };
}

/** Adds the fields that are none of `fields`: a mistyped flag would change what is erased. */
export function refuseOtherFields(
  body: Readonly<Record<string, unknown>>,
  fields: readonly string[],
  problems: FieldProblems,
): void {
  const known = `one of ${fields.join(', ')}`;
  for (const name of Object.keys(body))
    if (!fields.includes(name)) problems.add(nameable(name), 'a field that this call does not have', known);
}

/**
 * 412 for bots that the account does not have; the same words whether they exist elsewhere or not.
 * @param where what the place begins with: nothing, or `line 1.`
 */
export function unknownBots(botIds: readonly string[], owned: ReadonlySet<string>, where = ''): ApiError {
  const details: ApiErrorDetail[] = botIds.flatMap((id, index) =>
    owned.has(id)
      ? []
      : [
          {
            field: `${where}botIds[${index}]`,
            problem: 'not a bot of this account',
            expected: 'the id of a bot of this account',
          },
        ],
  );
  return invalidArguments(details, 'UNKNOWN_BOT');
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseFlag(body: Readonly<Record<string, unknown>>, problems: FieldProblems): boolean {
  const spellings = ['RemoveDataFromAllBots', 'removeDataFromAllBots'] as const;
  const values = spellings.map((name) => {
    const value = body[name];
    if (value === undefined || typeof value === 'boolean') return value;
    problems.add(name, describeKind(value), 'true or false');
    return undefined;
  });
  const [documented, lowerCase] = values;
  if (documented !== undefined && lowerCase !== undefined && documented !== lowerCase)
    problems.add(
      'removeDataFromAllBots',
      'disagrees with RemoveDataFromAllBots',
      'one of the two, or both alike',
    );
  return documented ?? lowerCase ?? false;
}

function parseBotIds(value: unknown, problems: FieldProblems): readonly string[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > limits.botIds) {
    problems.add(
      'botIds',
      describeKind(value),
      `a list of 1 to ${limits.botIds} bot ids, or RemoveDataFromAllBots true`,
    );
    return [];
  }
  const list: readonly unknown[] = value;
  list.forEach((id, index) => {
    if (typeof id === 'string') problems.addText(`botIds[${index}]`, id, textProblem(id, limits.idLength));
    else problems.add(`botIds[${index}]`, describeKind(id), `a string of 1 to ${limits.idLength} characters`);
  });
  return list as readonly string[];
}

function parseReference(value: unknown, problems: FieldProblems): string | null {
  if (value === undefined) return null;
  if (typeof value === 'string') {
    problems.addText('reference', value, textProblem(value, limits.referenceLength));
    return value;
  }
  problems.add('reference', describeKind(value), `a string of 1 to ${limits.referenceLength} characters`);
  return null;
}

/** A field's name is told only if it looks like one: a name is the caller's text and may be anybody's email address. */
function nameable(name: string): string {
  return /^[A-Za-z_][A-Za-z_]{0,39}$/.test(name) ? name : 'body';
}
