import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from '../../../src/app.module.js';
import { createHttpApp } from '../../../src/http/create-http-app.js';
import { openRoutes } from '../../../src/http/open-routes.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { routesOf } from '../../support/routes.js';
import { testSettings } from '../../support/settings.js';

describe('of all routes of the service', () => {
  let database: TestDatabase;
  let app: NestFastifyApplication;
  beforeAll(async () => {
    database = await testDatabase();
    const settings = testSettings({ role: 'api', databaseUrl: database.url });
    app = await createHttpApp(AppModule.forRole(settings), settings);
    await app.listen(0, '127.0.0.1');
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  it('those that answer without a token are the listed ones', async () => {
    const table = routesOf(app);
    expect(table).toContainEqual({ method: 'DELETE', url: '/api/public/bot/eraseusersdata' });
    const open = new Set<string>();
    for (const { method, url } of table) {
      const response = await fetch((await app.getUrl()) + url.replace(/:\w+|\*/g, 'x'), { method });
      if (response.status !== 401) open.add(url);
    }
    expect([...open].sort()).toEqual([...openRoutes].sort());
  });
});
