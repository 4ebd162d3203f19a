import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AppCredentials } from '../../../src/auth/client-apps.service.js';
import { DELETE_USERS_DATA } from '../../../src/auth/scopes.js';
import { ApiError } from '../../../src/common/errors/api-error.js';
import { signedToken, type TokenPart } from '../../support/tokens.js';
import { ACCOUNT, type AuthProcess, AuthWorld } from './auth-world.js';

const HOUR = 3600;
const DAY = 24 * HOUR;
const compatible = { allowCompatible: true };
const strictOnly = { allowCompatible: false };

/** How a refusal shows on the wire. */
interface Refusal {
  readonly msg: string;
  readonly code: number;
  readonly reason: string | null;
}
const badCredentials: Refusal = { msg: 'Invalid SDK credentials', code: 4002, reason: 'INVALID_CREDENTIALS' };
const unparsable: Refusal = { msg: 'Invalid JWT token', code: 4002, reason: 'INVALID_TOKEN' };
const refused = (reason: string): Refusal => ({ msg: 'Invalid SDK credentials', code: 4002, reason });
const tooLong: Refusal = {
  msg: 'error verifying the jwt: if "jti" claim "exp" must be <= 1 hour(s)',
  code: 401,
  reason: 'TOKEN_LIFETIME',
};
const replayed: Refusal = {
  msg: 'error verifying the jwt: possibly a replay',
  code: 401,
  reason: 'TOKEN_REPLAYED',
};

let world: AuthWorld;
let here: AuthProcess;
let app: AppCredentials;
let other: AppCredentials;
let now: number;

beforeAll(async () => {
  world = await AuthWorld.make();
  here = world.process();
  app = await world.app();
  other = await world.app();
  now = world.clock.seconds;
});
afterAll(() => world.database.drop());

const lasting = (iat: number, exp: number): object => ({ sub: 'desk', appId: app.clientId, iat, exp });
const good = (): object => lasting(now, now + 600);

async function refusalOf(
  token: string | null,
  options: { allowCompatible: boolean } = strictOnly,
): Promise<Refusal | 'accepted'> {
  try {
    await here.verifier.verify(token, options);
    return 'accepted';
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    expect(error.httpStatus).toBe(401);
    expect(error.options.headers?.['www-authenticate']).toMatch(/^Bearer /);
    return { msg: error.message, code: error.code, reason: error.reason };
  }
}

describe('a good token', () => {
  it('says who called', async () => {
    const caller = await here.verifier.verify(signedToken(app.clientSecret, good()), strictOnly);
    expect(caller).toEqual({
      clientId: app.clientId,
      accountId: ACCOUNT,
      scopes: [DELETE_USERS_DATA],
      origin: 'admin-console',
      oneTime: null,
    });
  });

  it.each<[string, () => object]>([
    ['iss', () => ({ iss: app.clientId })],
    ['kore_iss', () => ({ kore_iss: app.clientId })],
    ['all three', () => ({ iss: app.clientId, kore_iss: app.clientId, appId: app.clientId })],
  ])('names its app by %s', async (_, names) => {
    expect(
      await refusalOf(signedToken(app.clientSecret, { sub: 'd', ...names(), iat: now, exp: now + 60 })),
    ).toBe('accepted');
  });

  it.each<[string, TokenPart]>([
    ['without typ', { alg: 'HS256' }],
    ['with a kid', { alg: 'HS256', typ: 'JWT', kid: '1' }],
  ])('may have a header %s', async (_, header) => {
    expect(await refusalOf(signedToken(app.clientSecret, good(), header))).toBe('accepted');
  });

  it.each<[string, () => object]>([
    ['lives for 24 hours', () => lasting(now, now + DAY)],
    ['is from a clock 60 s ahead', () => lasting(now + 60, now + 600)],
    ['expired 60 s ago', () => lasting(now - 600, now - 60)],
    ['begins in 60 s', () => ({ ...good(), nbf: now + 60 })],
    [
      'has an audience that nobody asked for',
      () => ({ ...good(), aud: 'https://idproxy.kore.ai/authorize' }),
    ],
    ['has several audiences', () => ({ ...good(), aud: ['a', 'b'] })],
  ])('is accepted when it %s', async (_, claims) => {
    expect(await refusalOf(signedToken(app.clientSecret, claims()))).toBe('accepted');
  });
});

describe('whoever has no right signature learns nothing', () => {
  it.each<[string, () => string | null]>([
    ['there is no token', () => null],
    ['the token is empty', () => ''],
    ['the signature is by another secret', () => signedToken('other', good())],
    ['the signature is by another app', () => signedToken(other.clientSecret, good())],
    ['the app is unknown', () => signedToken('s', { ...good(), appId: `cs-${randomUUID()}` })],
    ['the app id has another shape', () => signedToken('s', { ...good(), appId: 'x' })],
    ['the app id holds U+0000', () => signedToken('s', { ...good(), appId: 'cs-\0' })],
    ['no claim names an app', () => signedToken(app.clientSecret, { sub: 'd', iat: now, exp: now + 60 })],
    [
      'two claims name different apps',
      () => signedToken(app.clientSecret, { ...good(), iss: `cs-${randomUUID()}` }),
    ],
    ['it is expired, and badly signed', () => signedToken('other', lasting(now - DAY, now - HOUR))],
    [
      "it is a chat visitor's, and badly signed",
      () => signedToken('other', { ...good(), isAnonymous: true }),
    ],
    ['a byte of the signature differs', () => alterSignature(signedToken(app.clientSecret, good()))],
    ['the signature is cut', () => signedToken(app.clientSecret, good()).slice(0, -2)],
  ])('when %s', async (_, token) => {
    expect(await refusalOf(token())).toEqual(badCredentials);
  });

  it('tells by its challenge only whether there was a token', async () => {
    const challenge = async (token: string | null): Promise<unknown> => {
      const error = await here.verifier.verify(token, strictOnly).catch((caught: unknown) => caught);
      return (error as ApiError).options.headers;
    };
    expect(await challenge(null)).toEqual({ 'www-authenticate': 'Bearer realm="expunge"' });
    expect(await challenge('x')).toEqual({
      'www-authenticate': 'Bearer realm="expunge", error="invalid_token"',
    });
  });
});

describe('what is not a token of ours can not be parsed', () => {
  const claims = (more: string): string =>
    `{"appId":"${app.clientId}","iat":${now},"exp":${now + 60}${more}}`;
  it.each<[string, () => string]>([
    ['a word', () => 'secret'],
    ['two segments', () => 'a.b'],
    ['four segments', () => `${signedToken(app.clientSecret, good())}.e30`],
    ['base64 with padding', () => `${signedToken(app.clientSecret, good())}=`],
    ['longer than 8 KiB', () => signedToken(app.clientSecret, { ...good(), x: 'x'.repeat(6200) })],
    ['nested a thousand times', () => signedToken(app.clientSecret, claims(`,"x":${'['.repeat(1000)}`))],
    ['an array', () => signedToken(app.clientSecret, '[]')],
    ['a string', () => signedToken(app.clientSecret, '"x"')],
    ['null', () => signedToken(app.clientSecret, 'null')],
    ['no JSON', () => signedToken(app.clientSecret, '{appId: 1}')],
    ['a byte order mark', () => signedToken(app.clientSecret, `\uFEFF${claims('')}`)],
    ['a claim twice', () => signedToken(app.clientSecret, claims(`,"exp":${now + 30}`))],
    ['a claim twice, once escaped', () => signedToken(app.clientSecret, claims(String.raw`,"\u0065xp":1`))],
    ['a key twice further in', () => signedToken(app.clientSecret, claims(',"x":[{"a":1,"a":2}]'))],
    ['appId as a number', () => signedToken(app.clientSecret, { ...good(), appId: 1 })],
    ['appId as a list', () => signedToken(app.clientSecret, { ...good(), appId: [app.clientId] })],
    ['an empty iss', () => signedToken(app.clientSecret, { ...good(), iss: '' })],
    ['sub as a number', () => signedToken(app.clientSecret, { ...good(), sub: 1 })],
    ['exp as a string', () => signedToken(app.clientSecret, { ...good(), exp: String(now + 60) })],
    ['exp as a fraction', () => signedToken(app.clientSecret, { ...good(), exp: now + 0.5 })],
    ['exp of 1e99', () => signedToken(app.clientSecret, claims('').replace(/"exp":\d+/, '"exp":1e99'))],
    ['a negative iat', () => signedToken(app.clientSecret, { ...good(), iat: -1 })],
    ['exp null', () => signedToken(app.clientSecret, { ...good(), exp: null })],
    ['nbf as a list', () => signedToken(app.clientSecret, { ...good(), nbf: [] })],
    ['aud as a number', () => signedToken(app.clientSecret, { ...good(), aud: 1 })],
    ['jti as a number', () => signedToken(app.clientSecret, { ...good(), jti: 7 })],
    ['an empty jti', () => signedToken(app.clientSecret, { ...good(), jti: '' })],
  ])('%s', async (_, token) => {
    expect(await refusalOf(token())).toEqual(unparsable);
  });

  it.each<[string, TokenPart]>([
    ['alg none', { alg: 'none' }],
    ['alg HS512', { alg: 'HS512', typ: 'JWT' }],
    ['alg RS256', { alg: 'RS256', typ: 'JWT' }],
    ['alg hs256', { alg: 'hs256', typ: 'JWT' }],
    ['alg as a list', { alg: ['HS256'] }],
    ['no alg', { typ: 'JWT' }],
    ['another typ', { alg: 'HS256', typ: 'JWE' }],
    ['crit', { alg: 'HS256', crit: ['x'], x: 1 }],
    ['b64: false', { alg: 'HS256', b64: false }],
    ['jku', { alg: 'HS256', jku: 'https://example.com' }],
    ['kid as a number', { alg: 'HS256', kid: 1 }],
    ['alg twice', '{"alg":"none","alg":"HS256"}'],
  ])('a header with %s', async (_, header) => {
    expect(await refusalOf(signedToken(app.clientSecret, good(), header))).toEqual(unparsable);
  });
});

describe('a token that its app signed is told what is wrong with it', () => {
  it.each<[string, string, () => object]>([
    ['expired 61 s ago', 'TOKEN_EXPIRED', () => lasting(now - 600, now - 61)],
    ['is from a clock 61 s ahead', 'TOKEN_NOT_YET_VALID', () => lasting(now + 61, now + 600)],
    ['begins in 61 s', 'TOKEN_NOT_YET_VALID', () => ({ ...good(), nbf: now + 61 })],
    ['lives for more than 24 hours', 'TOKEN_LIFETIME', () => lasting(now, now + DAY + 1)],
    ['ends before it begins', 'TOKEN_LIFETIME', () => lasting(now + 30, now)],
    ['has no exp', 'TOKEN_POLICY', () => ({ appId: app.clientId, iat: now })],
    ['has no iat', 'TOKEN_POLICY', () => ({ appId: app.clientId, exp: now + 60 })],
    ['has neither', 'TOKEN_POLICY', () => ({ sub: 'desk', appId: app.clientId })],
    ["is an anonymous visitor's", 'TOKEN_OF_END_USER', () => ({ ...good(), isAnonymous: true })],
    [
      "says that it is no anonymous visitor's",
      'TOKEN_OF_END_USER',
      () => ({ ...good(), isAnonymous: false }),
    ],
    ['merges an identity', 'TOKEN_OF_END_USER', () => ({ ...good(), identityToMerge: 'jane' })],
  ])('%s: %s', async (_, reason, claims) => {
    expect(await refusalOf(signedToken(app.clientSecret, claims()), compatible)).toEqual(refused(reason));
  });
});

describe('an app of the compatible policy', () => {
  let old: AppCredentials;
  const documented = (): string => signedToken(old.clientSecret, { sub: '1234', appId: old.clientId });
  beforeAll(async () => {
    old = await world.app({ tokenPolicy: 'compatible' });
  });

  it('may send the documented payload, on the documented routes only', async () => {
    expect(await refusalOf(documented(), compatible)).toBe('accepted');
    expect(await refusalOf(documented(), strictOnly)).toEqual(refused('TOKEN_POLICY'));
  });

  it('may send what is strict everywhere', async () => {
    const token = signedToken(old.clientSecret, { appId: old.clientId, iat: now, exp: now + 60 });
    expect(await refusalOf(token, strictOnly)).toBe('accepted');
  });

  it.each<[string, string, () => object]>([
    ['exp', 'TOKEN_EXPIRED', () => ({ exp: now - 61 })],
    ['iat', 'TOKEN_NOT_YET_VALID', () => ({ iat: now + 61 })],
    ['nbf', 'TOKEN_NOT_YET_VALID', () => ({ nbf: now + 61 })],
    ['isAnonymous', 'TOKEN_OF_END_USER', () => ({ isAnonymous: true })],
  ])('is held to %s where it is there', async (_, reason, claims) => {
    const token = signedToken(old.clientSecret, { sub: 'd', appId: old.clientId, ...claims() });
    expect(await refusalOf(token, compatible)).toEqual(refused(reason));
  });

  it.each(["clock_timestamp() - interval '50 years'", 'NULL'])(
    'is strict by itself when its end is over or was never set: %s',
    async (end) => {
      const lapsed = await world.app({ tokenPolicy: 'compatible' });
      await world.database.run(
        `UPDATE expunge.client_apps SET token_policy_until = ${end} WHERE client_id = $1`,
        [lapsed.clientId],
      );
      const token = signedToken(lapsed.clientSecret, { sub: '1234', appId: lapsed.clientId });
      expect(await refusalOf(token, compatible)).toEqual(refused('TOKEN_POLICY'));
    },
  );
});

describe('an app that pins an audience', () => {
  let pinned: AppCredentials;
  const token = (more: object): string =>
    signedToken(pinned.clientSecret, { appId: pinned.clientId, iat: now, exp: now + 60, ...more });
  beforeAll(async () => {
    pinned = await world.app({ audience: 'expunge' });
  });

  it.each<[object, Refusal | 'accepted']>([
    [{ aud: 'expunge' }, 'accepted'],
    [{ aud: ['chat', 'expunge'] }, 'accepted'],
    [{ aud: 'chat' }, refused('TOKEN_CLAIMS')],
    [{ aud: [] }, refused('TOKEN_CLAIMS')],
    [{}, refused('TOKEN_CLAIMS')],
  ])('%j', async (more, outcome) => {
    expect(await refusalOf(token(more))).toEqual(outcome);
  });
});

describe('a one-time token', () => {
  const oneTime = (exp: number, jti: string = randomUUID(), iat = now): string =>
    signedToken(app.clientSecret, { ...lasting(iat, exp), jti });

  it.each<[string, () => string, Refusal | 'accepted']>([
    ['ends in an hour', () => oneTime(now + HOUR), 'accepted'],
    ['ends in an hour and a second', () => oneTime(now + HOUR + 1), tooLong],
    [
      'ends an hour after its iat, by a clock ahead',
      () => oneTime(now + HOUR + 60, 'a', now + 60),
      'accepted',
    ],
    ['is old, and ends within the hour', () => oneTime(now + HOUR, 'b', now - 2 * HOUR), 'accepted'],
  ])('that %s', async (_, token, outcome) => {
    expect(await refusalOf(token())).toEqual(outcome);
  });

  it('needs exp under the compatible policy too', async () => {
    const old = await world.app({ tokenPolicy: 'compatible' });
    const token = signedToken(old.clientSecret, { sub: 'd', appId: old.clientId, jti: 'x' });
    expect(await refusalOf(token, compatible)).toEqual(tooLong);
  });

  it('is good until it is spent, then never again, in every process', async () => {
    const token = oneTime(now + 600, 'order 66');
    const caller = await here.verifier.verify(token, strictOnly);
    expect(await refusalOf(token)).toBe('accepted');
    await here.spender.spend(world.database.dataSource.manager, caller);
    expect(await refusalOf(token)).toEqual(replayed);
    await expect(world.process().verifier.verify(token, strictOnly)).rejects.toMatchObject({
      reason: 'TOKEN_REPLAYED',
    });
  });

  it('of one app is not the one of another', async () => {
    const caller = await here.verifier.verify(oneTime(now + 600, 'shared'), strictOnly);
    await here.spender.spend(world.database.dataSource.manager, caller);
    const token = signedToken(other.clientSecret, {
      appId: other.clientId,
      iat: now,
      exp: now + 600,
      jti: 'shared',
    });
    const same = await here.verifier.verify(token, strictOnly);
    expect(same.oneTime?.hash).not.toEqual(caller.oneTime?.hash);
  });

  it('is never kept as it was sent', async () => {
    const caller = await here.verifier.verify(oneTime(now + 600, 'jane@example.com'), strictOnly);
    await here.spender.spend(world.database.dataSource.manager, caller);
    const rows = await world.database.run<{ jti_hash: Buffer }>('SELECT * FROM expunge.used_tokens');
    for (const { jti_hash } of rows) expect(jti_hash.includes('jane')).toBe(false);
  });

  it('may be all that an app takes', async () => {
    const careful = await world.app({ requireJti: true });
    const token = (more: object): string =>
      signedToken(careful.clientSecret, { appId: careful.clientId, iat: now, exp: now + 60, ...more });
    expect(await refusalOf(token({}))).toEqual(refused('TOKEN_CLAIMS'));
    expect(await refusalOf(token({ jti: '1' }))).toBe('accepted');
  });
});

function alterSignature(token: string): string {
  const at = token.lastIndexOf('.') + 3;
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
}
