import { type ApiErrorDetail, invalidArguments } from '../../common/errors/api-error.js';
import { describeKind } from '../../common/describe-kind.js';
import { type UserEntry } from '../../users/user-reference.js';
import { type EraseCommand, limits } from './erase-command.js';
import { FieldProblems } from './field-problems.js';
import { parseInstant } from './parse-instant.js';
import { textProblem } from './text-problem.js';

const fields = [
  'userIds',
  'botIds',
  'RemoveDataFromAllBots',
  'removeDataFromAllBots',
  'reference',
  'receivedOn',
  'notBefore',
] as const;

const entryForms = 'a string, or an object with userId, email, enterpriseId, or channelId and channelUserId';

/**
 * Reads the body of an erase call in one pass, without a step per id that could grow with the list.
 *
 * @throws ApiError 412 naming every wrong field by its place, never by its value
 */
export function parseEraseBody(body: unknown, now: Date): EraseCommand {
  const problems = new FieldProblems();
  if (!isObject(body)) {
    problems.add('body', describeKind(body), 'an object with userIds');
    throw problems.error();
  }
  for (const name of Object.keys(body))
    if (!(fields as readonly string[]).includes(name))
      problems.add(nameable(name), 'a field that this call does not have', `one of ${fields.join(', ')}`);

  const allBots = parseFlag(body, problems);
  const entries = parseEntries(body['userIds'], problems);
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
  if (!problems.none) throw problems.error();
  return { entries, allBots, botIds, reference, receivedOn, notBefore };
}

/** 412 for bots that the account does not have; the same words whether they exist elsewhere or not. */
export function unknownBots(botIds: readonly string[], owned: ReadonlySet<string>) {
  const details: ApiErrorDetail[] = botIds.flatMap((id, index) =>
    owned.has(id)
      ? []
      : [
          {
            field: `botIds[${index}]`,
            problem: 'not a bot of this account',
            expected: 'the id of a bot of this account',
          },
        ],
  );
  return invalidArguments(details, 'UNKNOWN_BOT');
}

function parseFlag(body: Record<string, unknown>, problems: FieldProblems): boolean {
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

function parseEntries(value: unknown, problems: FieldProblems): readonly UserEntry[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > limits.userIds) {
    problems.add('userIds', describeKind(value), `a list of 1 to ${limits.userIds} entries`);
    return [];
  }
  const list: readonly unknown[] = value;
  list.forEach((entry, index) => {
    checkEntry(entry, index, problems);
  });
  return list as readonly UserEntry[];
}

function checkEntry(entry: unknown, index: number, problems: FieldProblems): void {
  if (typeof entry === 'string') {
    problems.addText(`userIds[${index}]`, entry, textProblem(entry, limits.idLength));
    return;
  }
  if (!isObject(entry)) {
    problems.add(`userIds[${index}]`, describeKind(entry), entryForms);
    return;
  }
  const names = Object.keys(entry);
  const typed =
    (names.length === 1 && ['userId', 'email', 'enterpriseId'].includes(names[0] ?? '')) ||
    (names.length === 2 && 'channelId' in entry && 'channelUserId' in entry);
  if (!typed) {
    problems.add(`userIds[${index}]`, 'an object of another form', entryForms);
    return;
  }
  for (const name of names) {
    const value = entry[name];
    const place = `userIds[${index}].${name}`;
    if (typeof value === 'string') problems.addText(place, value, textProblem(value, limits.idLength));
    else problems.add(place, describeKind(value), `a string of 1 to ${limits.idLength} characters`);
  }
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

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A field's name is told only if it looks like one: a name is the caller's text and may be anybody's email address. */
function nameable(name: string): string {
  return /^[A-Za-z_][A-Za-z_]{0,39}$/.test(name) ? name : 'body';
}
