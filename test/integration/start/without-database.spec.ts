import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { Platform } from '../../support/platform.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { Relay } from '../../support/relay.js';
import { type TestClient, TestService } from '../../support/service.js';

/** Takes the database away from a role, by name of how; what it returns gives it back. */
const ways: Readonly<Record<string, (db: TestDatabase, url: string) => Promise<Away>>> = {
  refuses: async (db, url) => {
    const role = new URL(url).username;
    await db.run(`ALTER ROLE ${role} CONNECTION LIMIT 0`);
    return {
      url,
      comeBack: async () => {
        await db.run(`ALTER ROLE ${role} CONNECTION LIMIT -1`);
      },
      end: () => Promise.resolve(),
    };
  },
  'is silent': async (_db, url) => {
    const relay = await Relay.to(url);
    relay.hang();
    return {
      url: relay.url,
      comeBack: () => {
        relay.recover();
        return Promise.resolve();
      },
      end: () => relay.close(),
    };
  },
};

interface Away {
  readonly url: string;
  comeBack(): Promise<void>;
  end(): Promise<void>;
}

describe('a start while the database', () => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await testDatabase();
  });
  afterEach(() => db.drop());

  it.each(Object.entries(ways))(
    '%s: the port opens, live and not ready, and all works once it is back',
    async (_how, take) => {
      const platform = new Platform(db);
      const account = await platform.account();
      const user = await platform.user(account);
      const url = await db.serviceUrl();
      const before = await TestService.start(url, { role: 'api' });
      const client = await before.client(account);
      await before.stop();

      const away = await take(db, url);
      const service = await TestService.start(away.url, { masterKey: before.settings.masterKey });
      const here: TestClient = client.at(service.url);
      try {
        expect((await fetch(`${service.url}/health/live`)).status).toBe(200);
        const ready = await fetch(`${service.url}/health/ready`);
        expect([ready.status, ready.headers.get('retry-after')]).toEqual([503, '1']);
        const refused = await here.send({ userIds: [user], RemoveDataFromAllBots: true });
        expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
        expect(refused.body).toEqual({
          errors: [{ msg: 'Service Unavailable', code: 503, reason: 'UNAVAILABLE' }],
        });

        await away.comeBack();
        const isReady = async (): Promise<boolean> =>
          (await fetch(`${service.url}/health/ready`)).status === 200;
        await eventually('ready', isReady);
        const { first } = await here.eraseAndWait({ userIds: [user], RemoveDataFromAllBots: true });
        expect(first.status).toBe('SUCCESS');
      } finally {
        await service.stop();
        await away.end();
      }
    },
  );
});
