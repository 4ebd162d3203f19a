import { type LeakWorld, type MarkedCall, ROUTE } from './leak-world.js';
import { type TestClient } from './service.js';
import { signedToken } from './tokens.js';

/** A call, what it is about, and the status that it must get: one that is refused for another reason proves nothing. */
export type Expected = readonly [what: string, status: number, call: MarkedCall];

/** Calls of every route, with marks wherever a caller can put a word, that end in every way the door knows. */
export function markedCalls(world: LeakWorld, client: TestClient): readonly Expected[] {
  const m = (use: string): string => world.mark.of(use);
  const auth = { auth: client.token };
  const json = (body: unknown): string => JSON.stringify(body);
  const query = `?${m('name')}=${m('value')}`;
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    sub: m('sub'),
    appId: client.clientId,
    iat: now,
    exp: now + 600,
    [m('claim')]: m('claimed'),
  };
  const signed = (changes: object, secret = client.clientSecret): Record<string, string> => ({
    auth: signedToken(secret, { ...claims, ...changes }),
  });
  const good = { userIds: [m('anyone')], RemoveDataFromAllBots: true };
  const erase = (headers: Record<string, string>, body = json(good)): MarkedCall => ({ headers, body });
  const status = (id: string): MarkedCall => ({
    method: 'GET',
    path: `${ROUTE}/status/${id}`,
    headers: auth,
  });
  const pause = (body: object): MarkedCall => ({ path: '/api/admin/pause', headers: auth, body: json(body) });
  const unknown = 'eud-00000000-0000-4000-8000-000000000000';

  return [
    ...['/health/live', '/health/ready', '/metrics', '/openapi.json', '/docs'].flatMap((path): Expected[] => [
      [path, path === '/metrics' ? 404 : 200, { method: 'GET', path: path + query }],
      [`${path}, wrong method`, 405, { method: 'DELETE', path: path + query }],
    ]),
    ['unknown path', 404, { path: `/${m('path')}${query}`, body: json(good) }],
    ['unknown path below ours', 404, { method: 'GET', path: `${ROUTE}/${m('path')}`, headers: auth }],
    ['wrong method', 405, { method: 'PUT', path: ROUTE + query, headers: auth, body: json(good) }],
    ['override of no meaning', 405, erase({ ...auth, 'x-http-method-override': m('method') })],
    ['U+0000 in the path', 400, status(`%00${m('id')}`)],
    ['broken escape', 400, status(`%zz${m('id')}`)],
    ['over-long parameter', 414, status(m('id').repeat(20))],

    ['no token', 401, erase({})],
    ['no token but in the URL', 401, { path: `${ROUTE}?auth=${client.token}&q=${m('q')}`, body: json(good) }],
    ['a word for a token', 401, erase({ auth: m('token') })],
    ['a word for a bearer', 401, erase({ authorization: `Bearer ${m('token')}` })],
    ['another secret', 401, erase(signed({}, m('secret')))],
    ['another app', 401, erase(signed({ appId: m('app') }))],
    ['claims that disagree', 401, erase(signed({ iss: m('iss') }))],
    [
      'a header of its own',
      401,
      erase({ auth: signedToken(client.clientSecret, claims, { alg: m('alg') }) }),
    ],
    ['an old token', 401, erase(signed({ iat: now - 900, exp: now - 300 }))],
    ['a token of a visitor', 401, erase(signed({ identityToMerge: m('visitor') }))],
    ['a token for long', 401, erase(signed({ exp: now + 90_000 }))],
    ['a one-time token for long', 401, erase(signed({ jti: m('jti'), exp: now + 7_200 }))],
    ['a one-time token', 200, erase(signed({ jti: m('once') }))],
    ['the same again', 401, erase(signed({ jti: m('once') }))],

    ['a call with a key', 200, erase({ ...auth, 'idempotency-key': m('key') })],
    [
      'the key with another body',
      409,
      erase({ ...auth, 'idempotency-key': m('key') }, json({ ...good, reference: m('reference') })),
    ],
    ['a key too long', 412, erase({ ...auth, 'idempotency-key': m('key').repeat(30) })],
    ...(['cancel', 'retry'] as const).flatMap((what): Expected[] => [
      [
        `${what} of a word`,
        404,
        { path: `${ROUTE}/requests/${m('request')}/${what}${query}`, headers: auth },
      ],
      [
        `${what} with a body`,
        412,
        {
          path: `${ROUTE}/requests/${unknown}/${what}`,
          headers: auth,
          body: json({ [m('field')]: m('value') }),
        },
      ],
    ]),
    ['pause with a wrong field', 412, pause({ reason: m('reason'), [m('field')]: m('value') })],
    ['pause of a word', 404, pause({ reason: m('reason'), requestId: m('request') })],
    ['pause of another account', 404, pause({ reason: m('reason'), accountId: m('account') })],
    ['pause', 200, pause({ reason: m('reason') })],
    ['resume of a word', 404, { ...pause({ requestId: m('request') }), path: '/api/admin/resume' }],
    ['resume', 200, { ...pause({}), path: '/api/admin/resume' }],

    ['another content type', 415, erase({ ...auth, 'content-type': `text/${m('type')}` })],
    ['another charset', 415, erase({ ...auth, 'content-type': `application/json; charset=${m('charset')}` })],
    ['an encoding', 415, erase({ ...auth, 'content-encoding': m('encoding') })],
    ['too large', 413, erase(auth, json({ userIds: [m('large').padEnd(8 * 1024 * 1024, 'x')] }))],
    ...brokenJson(m('broken')).map((body): Expected => ['broken JSON', 400, { headers: auth, body }]),
    ...wrongBodies(m).map((body): Expected => [
      `wrong: ${Object.keys(body).join()}`,
      412,
      erase(auth, json(body)),
    ]),
    ['a word for a body', 412, erase(auth, json(m('body')))],

    ['unknown request', 404, status(unknown + query)],
    ['a word for a request', 404, status(m('request'))],
    ['a surrogate for a request', 400, status(`%ED%A0%80${m('request')}`)],
    ['wrong limit', 412, status(`${unknown}?limit=${m('limit')}`)],
    [
      'wrong cursor',
      412,
      status(`${unknown}?cursor=${Buffer.from(`from ${m('cursor')}`).toString('base64url')}`),
    ],
    ['wrong status', 412, status(`${unknown}?status=${m('status')}`)],
  ];
}

function brokenJson(word: string): readonly (string | Buffer)[] {
  return [
    `{userIds: ["${word}"]}`,
    `{"userIds": ["${word}" "b"]}`,
    `{"userIds": ["${word}"] // ${word}\n}`,
    `{"userIds": ["${word}`,
    `{"userIds": ["\\q${word}"]}`,
    word,
    `${'['.repeat(9)}"${word}"${']'.repeat(9)}`,
    `{"__proto__": "${word}"}`,
    Buffer.concat([Buffer.from(`{"userIds": ["${word}`), Buffer.from([0xff]), Buffer.from('"]}')]),
  ];
}

function wrongBodies(m: (use: string) => string): readonly object[] {
  const good = { userIds: [m('good')], RemoveDataFromAllBots: true };
  const entries = [
    ...['', ' ', `${m('nul')}\0`, `${m('surrogate')}\ud800`, m('long').padEnd(513, 'x')],
    ...[
      5,
      null,
      [m('list')],
      { [m('key')]: m('entry') },
      { userId: m('id'), email: m('email') },
      { userId: [m('id')] },
    ],
    { channelId: m('channel'), channelUserId: `${m('user')}\0` },
  ];
  return [
    { ...good, userIds: m('string') },
    { ...good, userIds: entries },
    { ...good, [m('field')]: m('value') },
    { ...good, [`${m('field')}@example.com`]: m('value') },
    { ...good, RemoveDataFromAllBots: m('flag') },
    { ...good, RemoveDataFromAllBots: false, botIds: m('bots') },
    { ...good, RemoveDataFromAllBots: false, botIds: [m('bot')] },
    { ...good, reference: m('reference').padEnd(65, 'x') },
    { ...good, reference: [m('reference')] },
    { ...good, receivedOn: m('received'), notBefore: m('before') },
  ];
}
