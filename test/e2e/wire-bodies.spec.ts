import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestDatabase, testDatabase } from '../support/postgres.js';
import { Platform } from '../support/platform.js';
import { type TestClient, TestService } from '../support/service.js';
import { ERASE, send } from '../support/wire.js';

type Problem = readonly [field: string, problem: string, expected: string];

const forms = 'a string, or an object with userId, email, enterpriseId, or channelId and channelUserId';
const id = 'a string of 1 to 512 characters';
const unpaired = ['a string with an unpaired surrogate', `${id} of well-formed Unicode`] as const;
const otherForm = ['an object of another form', forms] as const;
const fields =
  'one of userIds, botIds, RemoveDataFromAllBots, removeDataFromAllBots, reference, receivedOn, notBefore';
const entries = 'a list of 1 to 10000 entries';
const bots = 'a list of 1 to 1000 bot ids, or RemoveDataFromAllBots true';
const flag = 'true or false';
const reference = 'a string of 1 to 64 characters';
const received = 'a time like 2026-11-23T08:42:53Z, not ahead of now';
const before = 'a time like 2026-11-23T08:42:53Z, at most 14 days ahead';
const notMine: Problem = ['botIds[0]', 'not a bot of this account', 'the id of a bot of this account'];

const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
const astral = '\u{1F9FD}';

describe('the body of an erase call', () => {
  let db: TestDatabase;
  let service: TestService;
  let client: TestClient;
  let bot: string;
  let theirs: string;

  beforeAll(async () => {
    db = await testDatabase();
    service = await TestService.start(await db.serviceUrl());
    const platform = new Platform(db);
    const account = await platform.account();
    client = await service.client(account);
    bot = await platform.bot(account);
    theirs = await platform.bot(await platform.account());
  });

  afterAll(async () => {
    await service.stop();
    await db.drop();
  });

  async function expectProblems(
    body: unknown,
    problems: readonly Problem[],
    reason = 'INVALID_FIELDS',
  ): Promise<void> {
    const { status, error, text } = await send(client, { body });
    expect(status).toBe(412);
    expect(error).toEqual({
      msg: 'Validation errors/ Invalid arguments',
      code: 412,
      reason,
      details: problems.map(([field, problem, expected]) => ({ field, problem, expected })),
    });
    expect(text).not.toMatch(/marked/i);
  }

  /** With userIds, and the flag, as they should be. */
  const good = { userIds: ['nobody'], RemoveDataFromAllBots: true };

  it.each<[string, unknown, Problem]>([
    ['missing', undefined, ['userIds', 'nothing', entries]],
    ['null', null, ['userIds', 'null', entries]],
    ['text', 'marked', ['userIds', '6 characters', entries]],
    ['an object', { marked: 1 }, ['userIds', 'an object', entries]],
    ['empty', [], ['userIds', 'an empty list', entries]],
    ['10,001', Array.from({ length: 10_001 }, () => 'marked'), ['userIds', 'a list of 10001', entries]],
    ['an empty string', ['nobody', ''], ['userIds[1]', 'an empty string', `${id}, not blank`]],
    ['blanks', [' \t\u00a0\u3000'], ['userIds[0]', 'only blanks', `${id}, not blank`]],
    ['U+0000', ['marked\0'], ['userIds[0]', 'a string with U+0000', `${id} without U+0000`]],
    ['half a character', ['marked\ud83e'], ['userIds[0]', ...unpaired]],
    ['the other half', ['\udd7dmarked'], ['userIds[0]', ...unpaired]],
    ['513 characters', ['marked'.padEnd(513, 'x')], ['userIds[0]', '513 characters', id]],
    ['513 characters of two units', [astral.repeat(513)], ['userIds[0]', '513 characters', id]],
    ['a number', [4477009], ['userIds[0]', 'a number', forms]],
    ['a boolean', [true], ['userIds[0]', 'a boolean', forms]],
    ['null in it', ['nobody', null], ['userIds[1]', 'null', forms]],
    ['a list in it', [['marked']], ['userIds[0]', 'a list of 1', forms]],
    ['an empty object', [{}], ['userIds[0]', ...otherForm]],
    ['another object', [{ marked: 'marked' }], ['userIds[0]', ...otherForm]],
    ['two forms at once', [{ userId: 'marked', email: 'marked' }], ['userIds[0]', ...otherForm]],
    ['a form with more', [{ email: 'marked', marked: 1 }], ['userIds[0]', ...otherForm]],
    ['half a pair', [{ channelId: 'marked' }], ['userIds[0]', ...otherForm]],
    ['the other half of a pair', [{ channelUserId: 'marked' }], ['userIds[0]', ...otherForm]],
    ['a pair with more', [{ channelId: 'a', channelUserId: 'b', userId: 'c' }], ['userIds[0]', ...otherForm]],
    ['a number in a form', [{ userId: 4477009 }], ['userIds[0].userId', 'a number', id]],
    ['an empty form', [{ email: '' }], ['userIds[0].email', 'an empty string', `${id}, not blank`]],
    [
      'half a character in a pair',
      [{ channelId: 'a', channelUserId: 'marked\ud83e' }],
      ['userIds[0].channelUserId', ...unpaired],
    ],
    [
      'a long channel',
      [{ channelId: 'm'.repeat(513), channelUserId: 'b' }],
      ['userIds[0].channelId', '513 characters', id],
    ],
  ])('userIds: %s', async (_what, userIds, problem) => {
    await expectProblems({ ...good, userIds }, [problem]);
  });

  it.each<[string, unknown, Problem]>([
    ['missing', undefined, ['botIds', 'nothing', bots]],
    ['null', null, ['botIds', 'null', bots]],
    ['empty', [], ['botIds', 'an empty list', bots]],
    ['text', 'marked', ['botIds', '6 characters', bots]],
    ['1,001', Array.from({ length: 1_001 }, () => 'marked'), ['botIds', 'a list of 1001', bots]],
    ['a number', [7], ['botIds[0]', 'a number', id]],
    ['an object', [{ botId: 'marked' }], ['botIds[0]', 'an object', id]],
    ['blanks', ['  '], ['botIds[0]', 'only blanks', `${id}, not blank`]],
    ['U+0000', ['st-marked\0'], ['botIds[0]', 'a string with U+0000', `${id} without U+0000`]],
  ])('botIds: %s', async (_what, botIds, problem) => {
    await expectProblems({ userIds: ['nobody'], botIds }, [problem]);
    await expectProblems({ ...good, RemoveDataFromAllBots: false, botIds }, [problem]);
    // Ignored, whatever it is.
    expect((await send(client, { body: { ...good, botIds } })).status).toBe(200);
  });

  it('bots that are not the account’s, in the same words whether they are somebody’s or not', async () => {
    for (const other of ['st-marked', theirs])
      await expectProblems({ userIds: ['nobody'], botIds: [other] }, [notMine], 'UNKNOWN_BOT');
    const [, problem, expected] = notMine;
    const botIds = [bot, bot, 'st-marked', theirs, bot, 'st-marked'];
    await expectProblems(
      { userIds: ['nobody'], botIds },
      [2, 3, 5].map((index): Problem => [`botIds[${index}]`, problem, expected]),
      'UNKNOWN_BOT',
    );
    expect((await send(client, { body: { userIds: ['nobody'], botIds: [bot, bot] } })).status).toBe(200);
  });

  it.each<[string, object, readonly Problem[]]>([
    [
      'text for the flag',
      { RemoveDataFromAllBots: 'true' },
      [['RemoveDataFromAllBots', '4 characters', flag]],
    ],
    ['a number for the flag', { RemoveDataFromAllBots: 1 }, [['RemoveDataFromAllBots', 'a number', flag]]],
    ['null for the flag', { RemoveDataFromAllBots: null }, [['RemoveDataFromAllBots', 'null', flag]]],
    [
      'text for its other spelling',
      { removeDataFromAllBots: 'false' },
      [['removeDataFromAllBots', '5 characters', flag]],
    ],
    [
      'two spellings that disagree',
      { RemoveDataFromAllBots: true, removeDataFromAllBots: false },
      [['removeDataFromAllBots', 'disagrees with RemoveDataFromAllBots', 'one of the two, or both alike']],
    ],
    [
      'two spellings that disagree the other way',
      { RemoveDataFromAllBots: false, removeDataFromAllBots: true },
      [['removeDataFromAllBots', 'disagrees with RemoveDataFromAllBots', 'one of the two, or both alike']],
    ],
    [
      'a mistyped flag',
      { RemoveDataFromAllbots: true },
      [['RemoveDataFromAllbots', 'a field that this call does not have', fields]],
    ],
    [
      'an unknown field',
      { userids: ['marked'] },
      [['userids', 'a field that this call does not have', fields]],
    ],
    [
      'a field that is an address',
      { 'marked@example.com': 1 },
      [['body', 'a field that this call does not have', fields]],
    ],
    [
      'a field that is a number',
      { 4477009: 'marked' },
      [['body', 'a field that this call does not have', fields]],
    ],
    [
      'a long reference',
      { reference: 'marked'.padEnd(65, 'x') },
      [['reference', '65 characters', reference]],
    ],
    ['a blank reference', { reference: ' ' }, [['reference', 'only blanks', `${reference}, not blank`]]],
    ['a number for the reference', { reference: 7 }, [['reference', 'a number', reference]]],
    ['null for the reference', { reference: null }, [['reference', 'null', reference]]],
    ['asked for tomorrow', { receivedOn: inDays(1) }, [['receivedOn', 'a time too far ahead', received]]],
    [
      'asked for before there were computers',
      { receivedOn: '1969-12-31T23:59:59Z' },
      [['receivedOn', 'a time before 1970', received]],
    ],
    ...[
      'marked',
      '',
      '2026-02-30',
      '2026-13-01',
      '2026-1-1',
      '2026-02-03T25:00:00Z',
      '2026-02-03T10:00:00',
      '2026-02-03 10:00',
      '1700000000',
      '02/03/2026',
    ].map((receivedOn): [string, object, readonly Problem[]] => [
      `asked for on ${receivedOn}`,
      { receivedOn },
      [['receivedOn', 'a string that is no time', received]],
    ]),
    ['a number for a time', { receivedOn: 1_700_000_000 }, [['receivedOn', 'a number', received]]],
    ['null for a time', { notBefore: null }, [['notBefore', 'null', before]]],
    ['not before in 15 days', { notBefore: inDays(15) }, [['notBefore', 'a time too far ahead', before]]],
    [
      'several things',
      { userIds: [], reference: '', unheard_of: 1, notBefore: 'marked' },
      [
        ['unheard_of', 'a field that this call does not have', fields],
        ['userIds', 'an empty list', entries],
        ['reference', 'an empty string', `${reference}, not blank`],
        ['notBefore', 'a string that is no time', before],
      ],
    ],
  ])('with %s', async (_what, changes, problems) => {
    await expectProblems({ ...good, botIds: [bot], ...changes }, problems);
  });

  it('tells twenty problems and counts the rest', async () => {
    const { error } = await send(client, {
      body: { ...good, userIds: Array.from({ length: 33 }, () => '') },
    });
    expect(error.details).toHaveLength(20);
    expect(error.details?.at(-1)).toEqual({
      field: 'userIds[19]',
      problem: 'an empty string',
      expected: `${id}, not blank`,
    });
    expect(error.more).toBe(13);
    const exactly = await send(client, { body: { ...good, userIds: Array.from({ length: 20 }, () => '') } });
    expect(exactly.error.details).toHaveLength(20);
    expect(exactly.error).not.toHaveProperty('more');
  });

  it.each<[string, object]>([
    ['both spellings alike', { removeDataFromAllBots: true }],
    ['the other spelling alone', { RemoveDataFromAllBots: undefined, removeDataFromAllBots: true }],
    ['512 characters', { userIds: ['x'.repeat(512)] }],
    ['512 characters of two units', { userIds: [astral.repeat(512)] }],
    [
      'every form',
      {
        userIds: [
          'a',
          { userId: 'a' },
          { email: 'a' },
          { enterpriseId: 'a' },
          { channelUserId: 'b', channelId: 'a' },
        ],
      },
    ],
    ['the same entry twice', { userIds: ['a', 'a'] }],
    ['a long reference', { reference: astral.repeat(64) }],
    ['a time without seconds, with an offset', { receivedOn: '2024-02-29T10:30+05:30' }],
    ['a day', { receivedOn: '2024-02-29' }],
    ['a time not long ahead', { notBefore: inDays(13.9) }],
    ['a time that is over', { notBefore: inDays(-20) }],
  ])('may have %s', async (_what, changes) => {
    const answer = await send(client, { body: { ...good, ...changes } });
    expect([answer.status, answer.error]).toEqual([200, {}]);
    const report = await send(client, {
      method: 'GET',
      path: `${ERASE}/status/${String(answer.json['requestId'])}`,
    });
    const sent = { ...good, ...changes };
    expect((report.json['response'] as { userId: unknown }[]).map(({ userId }) => userId)).toEqual(
      sent.userIds,
    );
  });
});
