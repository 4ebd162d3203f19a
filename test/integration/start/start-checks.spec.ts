import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigurationError } from '../../../src/config/configuration-error.js';
import { Platform } from '../../support/platform.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { TestService } from '../../support/service.js';

describe('the start refuses', () => {
  let db: TestDatabase;
  let serviceUrl: string;
  const masterKey = randomBytes(32);

  beforeAll(async () => {
    db = await testDatabase();
    serviceUrl = await db.serviceUrl();
  });

  afterAll(() => db.drop());

  it('in production a superuser and an owner, unless that is allowed', async () => {
    await expect(TestService.start(db.url, { production: true })).rejects.toThrow(ConfigurationError);
    const allowed = await TestService.start(db.url, { production: true, allowOwner: true });
    await allowed.stop();
    const granted = await TestService.start(serviceUrl, { production: true });
    await granted.stop();
  });

  it('a master key that does not unwrap the data keys', async () => {
    const first = await TestService.start(serviceUrl, { masterKey });
    const account = await new Platform(db).account();
    await first.client(account);
    await first.stop();
    await expect(TestService.start(serviceUrl, { masterKey: randomBytes(32) })).rejects.toThrow(
      /EXPUNGE_MASTER_KEY/,
    );
    const again = await TestService.start(serviceUrl, { masterKey });
    await again.stop();
  });

  it('to work by a data map that is wrong; the API alone starts', async () => {
    await db.run('CREATE VIEW platform.some_view AS SELECT * FROM platform.feedback');
    await db.run('ALTER TABLE platform.feedback RENAME TO feedback_all');
    await db.run('CREATE VIEW platform.feedback AS SELECT * FROM platform.feedback_all WHERE score > 0');
    await expect(TestService.start(serviceUrl, { masterKey })).rejects.toThrow(
      /data map: platform\.feedback/,
    );
    const api = await TestService.start(serviceUrl, { masterKey, role: 'api' });
    expect((await fetch(`${api.url}/health/ready`)).status).toBe(200);
    await api.stop();
  });
});
