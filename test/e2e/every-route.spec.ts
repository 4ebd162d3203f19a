import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AppModule } from '../../src/app.module.js';
import { createHttpApp } from '../../src/http/create-http-app.js';
import { openRoutes } from '../../src/http/open-routes.js';
import { Platform } from '../support/platform.js';
import { type TestDatabase, testDatabase } from '../support/postgres.js';
import { type Route, routesOf } from '../support/routes.js';
import { type TestClient, TestService } from '../support/service.js';
import { testSettings } from '../support/settings.js';
import { signedToken } from '../support/tokens.js';

/** Those that existing clients know, as Fastify's table has them. */
const documented = [
  'DELETE /api/public/bot/eraseusersdata',
  'GET /api/public/bot/eraseusersdata/status/:reqId',
  'HEAD /api/public/bot/eraseusersdata/status/:reqId',
  'POST /api/public/bot/eraseusersdata',
];

describe('every route', () => {
  let db: TestDatabase;
  let service: TestService;
  let client: TestClient;
  let guarded: readonly Route[];

  beforeAll(async () => {
    db = await testDatabase();
    service = await TestService.start(await db.serviceUrl());
    client = await service.client(await new Platform(db).account(), { tokenPolicy: 'compatible' });
    const settings = testSettings({ ...service.settings, role: 'api' });
    const app = await createHttpApp(AppModule.forRole(settings), settings);
    await app.init();
    guarded = routesOf(app).filter(({ url }) => !openRoutes.includes(url));
    await app.close();
  });

  afterAll(async () => {
    await service.stop();
    await db.drop();
  });

  const call = ({ method, url }: Route, headers: Record<string, string>): Promise<Response> =>
    fetch(service.url + url.replace(/:\w+|\*/g, 'x'), { method, headers });

  it('but the two documented ones refuses a token without iat and exp, also of a compatible app', async () => {
    const token = signedToken(client.clientSecret, { sub: 'desk', appId: client.clientId });
    const taking: string[] = [];
    for (const route of guarded) {
      const answer = await call(route, { auth: token });
      if (answer.status !== 401) taking.push(`${route.method} ${route.url}`);
    }
    expect(taking.sort()).toEqual(documented);
  });

  it.each(['DELETE', 'PUT', 'PATCH'])('takes a POST that means %s for one', async (method) => {
    expect(guarded.length).toBeGreaterThanOrEqual(documented.length);
    for (const { url } of guarded) {
      const meant = await call({ method, url }, {});
      const sent = await call({ method: 'POST', url }, { 'x-http-method-override': method.toLowerCase() });
      expect([url, sent.status, sent.headers.get('allow')]).toEqual([
        url,
        meant.status,
        meant.headers.get('allow'),
      ]);
    }
  });
});
