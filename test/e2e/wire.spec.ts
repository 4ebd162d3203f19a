import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestDatabase, testDatabase } from '../support/postgres.js';
import { Platform } from '../support/platform.js';
import { type TestClient, TestService } from '../support/service.js';
import { ERASE, send, UNKNOWN_REQUEST, type WireAnswer, type WireCall } from '../support/wire.js';

const body = { userIds: ['nobody'], RemoveDataFromAllBots: true };
const status = (id: string): WireCall => ({ method: 'GET', path: `${ERASE}/status/${id}` });

describe('the wire', () => {
  let db: TestDatabase;
  let service: TestService;
  let client: TestClient;
  let foreigner: TestClient;

  beforeAll(async () => {
    db = await testDatabase();
    service = await TestService.start(await db.serviceUrl());
    const platform = new Platform(db);
    client = await service.client(await platform.account());
    foreigner = await service.client(await platform.account());
  });

  afterAll(async () => {
    await service.stop();
    await db.drop();
  });

  const requestIdOf = (answer: WireAnswer): string => String(answer.json['requestId']);

  it.each<[string, WireCall]>([
    ['DELETE', { method: 'DELETE' }],
    ['POST', { method: 'POST' }],
    ['POST for delete', { headers: { 'x-http-method-override': 'delete' } }],
    ['POST for DELETE', { headers: { 'X-HTTP-Method-Override': 'DELETE' } }],
    ['POST for itself', { headers: { 'x-http-method-override': 'POST' } }],
    [
      'DELETE with an override, which means nothing there',
      { method: 'DELETE', headers: { 'x-http-method-override': 'GET' } },
    ],
    ['a path in capitals', { path: '/API/PUBLIC/BOT/ERASEUSERSDATA' }],
    ['a slash at the end', { method: 'DELETE', path: `${ERASE}/` }],
    ['a query that nobody asked for', { path: `${ERASE}?userIds=someone&RemoveDataFromAllBots=false` }],
  ])('takes an erase call as %s', async (_what, call) => {
    const answer = await send(client, { ...call, body });
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      requestId: expect.stringMatching(/^eud-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      status: 'in-progress',
    });
    const report = await send(client, status(requestIdOf(answer)));
    expect(report.json).toMatchObject({ _id: requestIdOf(answer), response: [{ userId: 'nobody' }] });
  });

  it('takes the token in two headers, never in the URL', async () => {
    const bearer = { headers: { authorization: `Bearer ${client.token}` }, auth: null };
    const accepted = await send(client, { ...bearer, body });
    expect(accepted.status).toBe(200);
    const { path = '' } = status(requestIdOf(accepted));
    expect((await send(client, { method: 'GET', path, ...bearer })).status).toBe(200);
    for (const name of ['auth', 'token', 'jwt', 'access_token', 'authorization'])
      for (const call of [
        { body, path: ERASE },
        { method: 'GET', path },
      ]) {
        const refused = await send(client, {
          ...call,
          auth: null,
          path: `${call.path}?${name}=${client.token}`,
        });
        expect(refused.status).toBe(401);
        expect(refused.text).not.toContain(client.token);
      }
  });

  it('reads a status whatever the letter case of the path, and a trailing slash', async () => {
    const id = requestIdOf(await send(client, { body }));
    for (const path of [`${ERASE.toUpperCase()}/STATUS/${id}`, `${ERASE}/status/${id}/`])
      expect((await send(client, { method: 'GET', path })).json).toMatchObject({ _id: id });
  });

  describe('answers errors as existing clients know them', () => {
    it.each<[string, WireCall, number, string, number, string]>([
      ['no token', { auth: null, body }, 401, 'Invalid SDK credentials', 4002, 'INVALID_CREDENTIALS'],
      [
        'no token, status',
        { ...status('x'), auth: null },
        401,
        'Invalid SDK credentials',
        4002,
        'INVALID_CREDENTIALS',
      ],
      ['no JWT', { auth: 'a.b', body }, 401, 'Invalid JWT token', 4002, 'INVALID_TOKEN'],
      ['a Bearer in auth', { auth: 'Bearer a.b.c', body }, 401, 'Invalid JWT token', 4002, 'INVALID_TOKEN'],
      ['no body', {}, 412, 'Validation errors/ Invalid arguments', 412, 'INVALID_FIELDS'],
      ['an empty body', { body: '' }, 412, 'Validation errors/ Invalid arguments', 412, 'INVALID_FIELDS'],
      ['an empty object', { body: {} }, 412, 'Validation errors/ Invalid arguments', 412, 'INVALID_FIELDS'],
      [
        'another type',
        { body, headers: { 'content-type': 'text/plain' } },
        415,
        'Unsupported Media Type',
        415,
        'UNSUPPORTED_MEDIA_TYPE',
      ],
      [
        'an encoding',
        { body, headers: { 'content-encoding': 'identity' } },
        415,
        'Unsupported Media Type',
        415,
        'UNSUPPORTED_MEDIA_TYPE',
      ],
      [
        'nine levels',
        { body: `{"userIds":${'['.repeat(8)}${']'.repeat(8)}}` },
        400,
        'The body is not valid JSON: more than 8 levels; expected at most 8 levels',
        400,
        'INVALID_JSON',
      ],
      [
        'a large body',
        { body: ' '.repeat(8 * 1024 * 1024 + 1) },
        413,
        'Payload Too Large',
        413,
        'BODY_TOO_LARGE',
      ],
      [
        'large headers',
        { body, headers: { 'x-padding': 'x'.repeat(17_000) } },
        431,
        'Request Header Fields Too Large',
        431,
        'HEADERS_TOO_LARGE',
      ],
      ['an unknown path', { path: `${ERASE}x`, body }, 404, 'Not Found', 404, 'UNKNOWN_PATH'],
      ['no request id', { method: 'GET', path: `${ERASE}/status/` }, 404, 'Not Found', 404, 'UNKNOWN_PATH'],
    ])('%s', async (_what, call, httpStatus, msg, code, reason) => {
      const answer = await send(client, call);
      expect(answer.status).toBe(httpStatus);
      expect(answer.error).toMatchObject({ msg, code, reason });
      expect(answer.headers.has('www-authenticate')).toBe(httpStatus === 401);
    });

    it.each([
      ['PUT', ERASE, undefined, 'DELETE, POST'],
      ['PATCH', ERASE, undefined, 'DELETE, POST'],
      ['GET', ERASE, undefined, 'DELETE, POST'],
      ['POST', ERASE, 'PUT', 'DELETE, POST'],
      ['POST', ERASE, 'PATCH', 'DELETE, POST'],
      ['POST', ERASE, 'GET', 'DELETE, POST'],
      ['POST', `${ERASE}/status/${UNKNOWN_REQUEST}`, undefined, 'GET, HEAD'],
      ['DELETE', `${ERASE}/status/${UNKNOWN_REQUEST}`, undefined, 'GET, HEAD'],
      ['POST', `${ERASE}/status/${UNKNOWN_REQUEST}`, 'DELETE', 'GET, HEAD'],
    ])('405 to %s %s (for %s), with Allow', async (method, path, override, allow) => {
      const headers = override === undefined ? {} : { 'x-http-method-override': override };
      const answer = await send(client, { method, path, headers, auth: null });
      expect(answer.status).toBe(405);
      expect(answer.error).toEqual({ msg: 'Method Not Allowed', code: 405, reason: 'METHOD_NOT_ALLOWED' });
      expect(answer.headers.get('allow')).toBe(allow);
    });

    it('the published sample, which is no JSON, by what is wrong first and where', async () => {
      const sample = [
        [
          '{',
          '  userIds: ["u-1"],',
          '  "botIds": ["st-1"]',
          '  "RemoveDataFromAllBots": true // or false',
          '}',
        ],
        [
          '{',
          '  "userIds": ["u-1"],',
          '  "botIds": ["st-1"]',
          '  "RemoveDataFromAllBots": true // or false',
          '}',
        ],
        [
          '{',
          '  "userIds": ["u-1"],',
          '  "botIds": ["st-1"],',
          '  "RemoveDataFromAllBots": true // or false',
          '}',
        ],
        ['{', '  "userIds": ["u-1"],', '  "botIds": ["st-1"],', '  "RemoveDataFromAllBots": true'],
      ];
      const problems: unknown[] = [];
      for (const lines of sample) {
        const { status: got, error, text } = await send(client, { body: lines.join('\n') });
        expect([got, error.code, error.reason]).toEqual([400, 400, 'INVALID_JSON']);
        expect(text).not.toMatch(/u-1|st-1|userIds/);
        problems.push(...(error.details ?? []).map(({ field, problem }) => `${field}: ${problem}`));
      }
      expect(problems).toEqual([
        'line 2, column 3: a key without double quotes',
        'line 4, column 3: a missing comma',
        'line 4, column 33: a comment',
        'line 4, column 32: the end of the body',
      ]);
    });

    it('a limit of the account, in a bucket each for erasing and reading', async () => {
      const limited = await TestService.start(service.databaseUrl, {
        ...service.settings,
        rateLimitPerMinute: 1,
      });
      const calls = [{ body }, { body }, status(UNKNOWN_REQUEST), status(UNKNOWN_REQUEST)];
      const other = await limited.client(await new Platform(db).account());
      const answers: WireAnswer[] = [];
      for (const call of calls) answers.push(await send(other, call));
      await limited.stop();
      expect(answers.map((answer) => answer.status)).toEqual([200, 429, 404, 429]);
      for (const answer of [answers[1], answers[3]]) {
        expect(answer?.error).toEqual({
          msg: 'Rate limit for this API has been reached. Please try again after some time.',
          code: 429,
          reason: 'RATE_LIMITED',
        });
        expect(Number(answer?.headers.get('retry-after'))).toBeGreaterThan(0);
        expect(Number(answer?.headers.get('retry-after'))).toBeLessThanOrEqual(60);
      }
    });
  });

  describe('says the same', () => {
    it('of a request that is unknown, that is foreign, and of what can be none', async () => {
      const theirs = requestIdOf(await send(foreigner, { body }));
      expect((await send(foreigner, status(theirs))).status).toBe(200);
      const mine = requestIdOf(await send(client, { body }));
      const ids = [
        ...[
          UNKNOWN_REQUEST,
          theirs,
          theirs.toUpperCase(),
          theirs.slice(0, -1),
          `${theirs}0`,
          mine.slice(4),
          ` ${mine}`,
        ],
        ...['x', 'null', '%20', "'", '%25', '%F0%9F%98%80', `${mine}%0a`, `${mine},${mine}`, 'x'.repeat(200)],
      ];
      const answers = new Set<string>();
      for (const id of ids) answers.add((await send(client, status(id))).text);
      expect([...answers]).toEqual([
        JSON.stringify({ errors: [{ msg: 'Not Found', code: 404, reason: 'NOT_FOUND' }] }),
      ]);
    });

    it('before it looks for a token, of a path that no text can be made of', async () => {
      for (const id of ['%00', `%00${UNKNOWN_REQUEST}`, '%ED%A0%80', '%FF', '%zz'])
        for (const auth of [client.token, null]) {
          const answer = await send(client, { ...status(id), auth });
          expect(answer.error).toEqual({ msg: 'Bad Request', code: 400, reason: 'MALFORMED_REQUEST' });
        }
      const long = await send(client, status('x'.repeat(201)));
      expect(long.error).toEqual({ msg: 'URI Too Long', code: 414, reason: 'URI_TOO_LONG' });
    });
  });

  it('takes 10,000 entries, and 8 MiB, and not a byte more', async () => {
    const userIds = Array.from({ length: 10_000 }, (_, index) => `nobody-${index}`);
    const text = JSON.stringify({ userIds, RemoveDataFromAllBots: true });
    const answer = await send(client, { body: text.padEnd(8 * 1024 * 1024) });
    expect(answer.status).toBe(200);
    const report = await send(client, status(requestIdOf(answer)));
    expect((report.json['response'] as { userId: string }[]).map(({ userId }) => userId)).toEqual(userIds);
    expect((await send(client, { body: text.padEnd(8 * 1024 * 1024 + 1) })).status).toBe(413);
  });
});
