import { describeKind } from '../../common/describe-kind.js';
import { type UserEntry } from '../../users/user-reference.js';
import { entryProblem } from './entry-problem.js';
import { type EraseCommand, limits } from './erase-command.js';
import { FieldProblems } from './field-problems.js';
import { headFields, isObject, parseEraseHead, refuseOtherFields } from './parse-erase-head.js';

const fields = ['userIds', ...headFields] as const;

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
  refuseOtherFields(body, fields, problems);
  const entries = parseEntries(body['userIds'], problems);
  const head = parseEraseHead(body, now, problems);
  if (!problems.none) throw problems.error();
  return { ...head, entries };
}

function parseEntries(value: unknown, problems: FieldProblems): readonly UserEntry[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > limits.userIds) {
    problems.add('userIds', describeKind(value), `a list of 1 to ${limits.userIds} entries`);
    return [];
  }
  const list: readonly unknown[] = value;
  for (let index = 0; index < list.length; index += 1) {
    const found = entryProblem(list[index]);
    if (found) problems.add(`userIds[${index}]${found.within}`, found.problem, found.expected);
  }
  return list as readonly UserEntry[];
}
