import { describeKind } from '../../common/describe-kind.js';
import { FieldProblems } from '../intake/field-problems.js';
import { textProblem } from '../intake/text-problem.js';
import { type PauseTarget } from './pause.repository.js';

export const LONGEST_REASON = 500;
const LONGEST_ID = 512;

export interface PauseCommand {
  readonly target: PauseTarget;
  /** Empty for the end of a pause. */
  readonly reason: string;
}

/**
 * Reads the body of a pause, or of its end. Without an id the caller's own account is meant.
 *
 * @param withReason a pause says why, its end needs not
 * @throws ApiError 412 naming every wrong field by its place, never by its value
 */
export function parsePauseBody(
  body: Readonly<Record<string, unknown>>,
  ownAccount: string,
  withReason: boolean,
): PauseCommand {
  const problems = new FieldProblems();
  const fields = ['accountId', 'requestId', ...(withReason ? ['reason'] : [])];
  for (const name of Object.keys(body))
    if (!fields.includes(name))
      problems.add('body', 'a field that this call does not have', `one of ${fields.join(', ')}`);
  const { accountId, requestId, reason } = body;
  if (accountId !== undefined && requestId !== undefined)
    problems.add('requestId', 'comes with accountId', 'one of the two, or neither for your own account');
  const text = (name: string, value: unknown, longest: number): string => {
    if (typeof value !== 'string')
      problems.add(name, describeKind(value), `a string of 1 to ${longest} characters`);
    else problems.addText(name, value, textProblem(value, longest));
    return typeof value === 'string' ? value : '';
  };
  const request = requestId === undefined ? null : text('requestId', requestId, LONGEST_ID);
  const account = accountId === undefined ? ownAccount : text('accountId', accountId, LONGEST_ID);
  const why = withReason ? text('reason', reason, LONGEST_REASON) : '';
  if (!problems.none) throw problems.error();
  return { target: { accountId: request === null ? account : null, requestId: request }, reason: why };
}
