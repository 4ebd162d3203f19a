import { describe, expect, it } from '@jest/globals';
import { type CheckReport, checkReport, type TableReport } from './check/check-report.js';
import { type DemoCall } from './demo-call.js';
import { type ErasureAnswer } from './demo-client.js';
import { held, type Verdict, verdictOn } from './verdict.js';

const call: DemoCall = {
  userIds: ['u-1', 'u-2'],
  expected: [
    { status: 'SUCCESS', reason: null, sameAs: null },
    { status: 'PROTECTED', reason: 'ACCOUNT_OWNER', sameAs: null },
  ],
  people: { accountId: 'a', userIds: ['u-1'], visitors: [] },
};
const answer: ErasureAnswer = {
  status: 'partial',
  createdOn: '2026-11-23T08:00:00.000Z',
  lastUpdatedOn: '2026-11-23T08:00:02.000Z',
  progress: { total: 2, done: 2 },
  erased: { 'platform.messages': 5 },
  response: [
    { userId: 'u-1', status: 'SUCCESS' },
    { userId: 'u-2', status: 'PROTECTED', reason: 'ACCOUNT_OWNER' },
  ],
};
const others = { rows: 7, checksum: '42' };
const messages: TableReport = {
  ...{ name: 'messages', expected: 5, overwritten: 0, left: 0, lost: 0 },
  ...{ othersBefore: others, othersAfter: others },
};

function verdict(changes: { answer?: Partial<ErasureAnswer>; messages?: Partial<TableReport> }): Verdict {
  const report: CheckReport = checkReport([{ ...messages, ...changes.messages }]);
  return verdictOn(call, { ...answer, ...changes.answer }, report);
}

describe('the verdict of the demo', () => {
  it('holds when outcomes, counts and rows are as they must be', () => {
    expect(held(verdict({}))).toBe(true);
  });

  it.each([
    [
      'a person erased who must stay',
      {
        answer: {
          response: [
            { userId: 'u-1', status: 'SUCCESS' },
            { userId: 'u-2', status: 'SUCCESS' },
          ],
        },
      },
      'outcomes',
    ],
    [
      'another reason',
      {
        answer: {
          response: [
            { userId: 'u-1', status: 'SUCCESS' },
            { userId: 'u-2', status: 'PROTECTED', reason: 'BOT_OWNER' },
          ],
        },
      },
      'outcomes',
    ],
    [
      'an entry taken for the same as another',
      { answer: { response: [{ userId: 'u-1', status: 'SUCCESS', sameAs: 1 }, answer.response[1]] } },
      'outcomes',
    ],
    ['an entry without an answer', { answer: { response: [answer.response[0]] } }, 'outcomes'],
    ['rows counted that were not there', { answer: { erased: { 'platform.messages': 6 } } }, 'counts'],
    ['rows not counted', { answer: { erased: {} } }, 'counts'],
    ['a row left', { messages: { left: 1 } }, 'left'],
    ['a row of others changed', { messages: { othersAfter: { rows: 7, checksum: '43' } } }, 'changed'],
    ['a row of others gone', { messages: { othersAfter: { rows: 6, checksum: '42' } } }, 'changed'],
    ['an overwritten row gone', { messages: { lost: 1 } }, 'changed'],
  ] as [string, Parameters<typeof verdict>[0], keyof Verdict][])(
    'does not hold with %s',
    (_, changes, place) => {
      const found = verdict(changes);
      expect(held(found)).toBe(false);
      expect(Object.entries(found).filter(([, problems]) => (problems as string[]).length > 0)).toEqual([
        [place, [expect.any(String)]],
      ]);
    },
  );
});
