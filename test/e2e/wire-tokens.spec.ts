import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClientAppsService, type NewClientApp } from '../../src/auth/client-apps.service.js';
import { eventually } from '../support/eventually.js';
import { type TestDatabase, testDatabase } from '../support/postgres.js';
import { Platform } from '../support/platform.js';
import { type TestClient, TestService } from '../support/service.js';
import { signedToken } from '../support/tokens.js';
import { ERASE, send, UNKNOWN_REQUEST, type WireAnswer } from '../support/wire.js';

const credentials = { msg: 'Invalid SDK credentials', code: 4002 };
const scope = { msg: 'Permission denied. Scope is incorrect!', code: 4002 };
const replay = { msg: 'error verifying the jwt: possibly a replay', code: 401, reason: 'TOKEN_REPLAYED' };

type Credentials = Pick<TestClient, 'clientId' | 'clientSecret'>;

describe('who may call', () => {
  let db: TestDatabase;
  let service: TestService;
  let account: string;
  let client: TestClient;

  beforeAll(async () => {
    db = await testDatabase();
    service = await TestService.start(await db.serviceUrl());
    account = await new Platform(db).account();
    client = await service.client(account);
  });

  afterAll(async () => {
    await service.stop();
    await db.drop();
  });

  const now = (): number => Math.floor(Date.now() / 1000);
  /** A token of the app with these claims besides those that every token has. */
  const token = (app: Credentials, claims: object = {}): string =>
    signedToken(app.clientSecret, {
      sub: 'desk',
      appId: app.clientId,
      iat: now(),
      exp: now() + 600,
      ...claims,
    });
  const erase = (
    auth: string,
    body: unknown = { userIds: ['nobody'], RemoveDataFromAllBots: true },
  ): Promise<WireAnswer> => send(client, { auth, body });
  const status = (auth: string, id = UNKNOWN_REQUEST): Promise<WireAnswer> =>
    send(client, { method: 'GET', path: `${ERASE}/status/${id}`, auth });
  const accepted = async (): Promise<number> =>
    (await db.run<{ n: number }>('SELECT count(*)::int AS n FROM expunge.erasure_requests'))[0]?.n ?? 0;

  it.each<[string, Partial<NewClientApp>, string | null]>([
    ['the scope by its older name', { scopes: ['Bot Analytics:Delete Users Data'] }, null],
    ['the scope by its later name', { scopes: ['Profile Management:Delete Users Data'] }, null],
    ['the scope among others', { scopes: ['Other:Scope', 'Bot Analytics:Delete Users Data'] }, null],
    ['no scope', { scopes: [] }, 'SCOPE_MISSING'],
    [
      'a scope that looks alike',
      { scopes: ['bot analytics:delete users data', 'Delete Users Data'] },
      'SCOPE_MISSING',
    ],
    ['the Bot Builder for its origin', { origin: 'bot-builder' }, 'APP_ORIGIN'],
  ])('an app with %s', async (_what, changes, reason) => {
    const app = await service.client(account, changes);
    const before = await accepted();
    const answers = [await erase(app.token), await status(app.token)];
    if (reason === null) expect(answers.map((answer) => answer.status)).toEqual([200, 404]);
    else for (const answer of answers) expect(answer.error).toEqual({ ...scope, reason });
    expect(await accepted()).toBe(before + (reason === null ? 1 : 0));
  });

  it('not whoever knows no secret; and what was wrong is told only to whoever does', async () => {
    const old = { iat: now() - 900, exp: now() - 600 };
    for (const [app, reason] of [
      [client, 'TOKEN_EXPIRED'],
      [{ clientId: client.clientId, clientSecret: 'another' }, 'INVALID_CREDENTIALS'],
      [{ clientId: `cs-${randomUUID()}`, clientSecret: client.clientSecret }, 'INVALID_CREDENTIALS'],
    ] as const) {
      const answer = await erase(token(app, old));
      expect([answer.status, answer.error]).toEqual([401, { ...credentials, reason }]);
    }
  });

  it.each([
    ['no exp', { exp: undefined }, 'TOKEN_POLICY'],
    ['no iat', { iat: undefined }, 'TOKEN_POLICY'],
    ['a life of more than a day', { exp: now() + 86_401 + 60 }, 'TOKEN_LIFETIME'],
    ['a beginning ahead', { iat: now() + 600, exp: now() + 900 }, 'TOKEN_NOT_YET_VALID'],
    ['a visitor', { isAnonymous: false }, 'TOKEN_OF_END_USER'],
    ['a visitor who was someone else', { identityToMerge: 'jane' }, 'TOKEN_OF_END_USER'],
  ])('not with %s in the token', async (_what, claims, reason) => {
    for (const answer of [await erase(token(client, claims)), await status(token(client, claims))])
      expect([answer.status, answer.error]).toEqual([401, { ...credentials, reason }]);
  });

  it('with the documented {sub, appId} where the app is compatible, and until that ends', async () => {
    const app = await service.client(account, { tokenPolicy: 'compatible' });
    const documented = signedToken(app.clientSecret, { sub: 'desk', appId: app.clientId });
    const answer = await erase(documented);
    expect(answer.status).toBe(200);
    expect((await status(documented, String(answer.json['requestId']))).status).toBe(200);

    await db.run(
      `UPDATE expunge.client_apps SET token_policy_until = now() - interval '1 s', version = version + 1
                  WHERE client_id = $1`,
      [app.clientId],
    );
    // Known from memory for a second at most.
    const deadline = Date.now() + 5_000;
    let refused = await erase(documented);
    while (refused.status === 200 && Date.now() < deadline) refused = await erase(documented);
    expect(refused.error).toEqual({ ...credentials, reason: 'TOKEN_POLICY' });
    expect((await erase(token(app))).status).toBe(200);
  });

  it('not once the app was revoked, or its secret changed, by another process', async () => {
    const operator = await TestService.start(service.databaseUrl, { ...service.settings, role: 'api' });
    const apps = operator.get(ClientAppsService);
    const [revoked, rotated] = [await service.client(account), await service.client(account)];
    for (const app of [revoked, rotated]) expect((await erase(app.token)).status).toBe(200);
    await apps.revoke(revoked.clientId);
    const fresh = await apps.rotate(rotated.clientId);
    await operator.stop();
    // Known from memory for a second at most.
    await eventually('both are refused', async () =>
      [await erase(revoked.token), await erase(rotated.token)].every((answer) => answer.status === 401),
    );
    expect((await erase(revoked.token)).error).toEqual({ ...credentials, reason: 'APP_REVOKED' });
    expect((await erase(rotated.token)).error).toEqual({ ...credentials, reason: 'INVALID_CREDENTIALS' });
    expect((await erase(token(fresh))).status).toBe(200);
  });

  it('one account never reads what another one sent', async () => {
    const id = String((await erase(client.token)).json['requestId']);
    const other = await service.client(await new Platform(db).account());
    expect((await status(client.token, id)).status).toBe(200);
    expect((await service.client(account).then((sibling) => status(sibling.token, id))).status).toBe(200);
    expect((await status(other.token, id)).text).toBe((await status(other.token)).text);
  });

  describe('once, with a one-time token', () => {
    it('for a call that was accepted, and for nothing after it', async () => {
      const once = token(client, { jti: randomUUID() });
      expect((await erase(once)).status).toBe(200);
      for (const answer of [await erase(once), await status(once)])
        expect([answer.status, answer.error]).toEqual([401, replay]);
    });

    it('of two calls at once exactly one is accepted, and what was refused left nothing', async () => {
      for (let round = 0; round < 8; round += 1) {
        const before = await accepted();
        const once = token(client, { jti: randomUUID() });
        const answers = await Promise.all([erase(once), erase(once), erase(once)]);
        expect(answers.map((answer) => answer.status).sort()).toEqual([200, 401, 401]);
        expect(answers.filter((answer) => answer.status === 401).map((answer) => answer.error)).toEqual([
          replay,
          replay,
        ]);
        expect(await accepted()).toBe(before + 1);
      }
    });

    it('for a status that was told', async () => {
      const id = String((await erase(client.token)).json['requestId']);
      const once = token(client, { jti: randomUUID() });
      expect([(await status(once, id)).status, (await status(once, id)).status]).toEqual([200, 401]);
    });

    it('whatever was refused on the way there', async () => {
      const once = token(client, { jti: randomUUID() });
      expect((await erase(once, { userIds: [] })).status).toBe(412);
      expect((await erase(once, { userIds: ['nobody'], botIds: ['st-unknown'] })).status).toBe(412);
      expect((await erase(once, '{broken')).status).toBe(400);
      expect(
        (await send(client, { auth: once, body: '', headers: { 'content-encoding': 'gzip' } })).status,
      ).toBe(412);
      expect((await status(once)).status).toBe(404);
      expect((await erase(once)).status).toBe(200);
      expect((await erase(once)).status).toBe(401);
    });

    it('not by a call that came too often', async () => {
      const limited = await TestService.start(service.databaseUrl, {
        ...service.settings,
        role: 'api',
        rateLimitPerMinute: 1,
      });
      const other = await limited.client(await new Platform(db).account());
      const once = token(other, { jti: randomUUID() });
      const body = { userIds: ['nobody'], RemoveDataFromAllBots: true };
      expect((await send(other, { body })).status).toBe(200);
      expect((await send(other, { auth: once, body })).status).toBe(429);
      await limited.stop();
      expect((await erase(once)).status).toBe(200);
      expect((await erase(once)).status).toBe(401);
    });

    it('for an hour at most', async () => {
      const long = await erase(token(client, { jti: randomUUID(), exp: now() + 3_700 }));
      expect([long.status, long.error]).toEqual([
        401,
        {
          msg: 'error verifying the jwt: if "jti" claim "exp" must be <= 1 hour(s)',
          code: 401,
          reason: 'TOKEN_LIFETIME',
        },
      ]);
    });

    it('each app has its own', async () => {
      const jti = randomUUID();
      const other = await service.client(account);
      expect([
        (await erase(token(client, { jti }))).status,
        (await erase(token(other, { jti }))).status,
      ]).toEqual([200, 200]);
    });
  });
});
