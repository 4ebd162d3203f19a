import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ClientAppRefused } from '../../../src/auth/client-app-refused.js';
import { type AppCredentials } from '../../../src/auth/client-apps.service.js';
import { signedToken } from '../../support/tokens.js';
import { ACCOUNT, type AuthProcess, AuthWorld } from './auth-world.js';

let world: AuthWorld;
let operator: AuthProcess;
let api: AuthProcess;

beforeAll(async () => {
  world = await AuthWorld.make();
});
afterAll(() => world.database.drop());
beforeEach(() => {
  operator = world.process();
  api = world.process();
});

function tokenOf(app: AppCredentials): string {
  const iat = world.clock.seconds;
  return signedToken(app.clientSecret, { appId: app.clientId, iat, exp: iat + 60 });
}

const reasonOf = (process: AuthProcess, app: AppCredentials): Promise<string> =>
  reasonOfToken(process, tokenOf(app));

async function reasonOfToken(process: AuthProcess, token: string): Promise<string> {
  try {
    await process.verifier.verify(token, { allowCompatible: false });
    return 'accepted';
  } catch (error) {
    return (error as { reason: string }).reason;
  }
}

describe('a client app', () => {
  it('gets an id and a secret of its own', async () => {
    const [one, two] = [await world.app(), await world.app()];
    expect(one.clientId).toMatch(/^cs-[0-9a-f-]{36}$/);
    expect(Buffer.from(one.clientSecret, 'base64url')).toHaveLength(32);
    expect(two.clientSecret).not.toBe(one.clientSecret);
    expect(two.clientId).not.toBe(one.clientId);
  });

  it('of an account that does not exist is made, and told', async () => {
    expect(await world.app()).toMatchObject({ accountKnown: true });
    expect(await world.app({ accountId: 'b'.repeat(24) })).toMatchObject({ accountKnown: false });
  });

  it('is listed without its secret', async () => {
    const { clientId, clientSecret } = await world.app({ name: 'listed', audience: 'expunge' });
    const listed = (await operator.apps.list()).find((app) => app.clientId === clientId);
    expect(listed).toMatchObject({
      accountId: ACCOUNT,
      name: 'listed',
      audience: 'expunge',
      revokedOn: null,
    });
    expect(listed).not.toHaveProperty('secret');
    expect(JSON.stringify(await operator.apps.list())).not.toContain(clientSecret);
  });

  it('has its secret encrypted in the database', async () => {
    const { clientId, clientSecret } = await world.app();
    const [row] = await world.database.run<{ secret: Buffer }>(
      'SELECT secret FROM expunge.client_apps WHERE client_id = $1',
      [clientId],
    );
    expect(row?.secret.includes(clientSecret)).toBe(false);
  });
});

describe('another process', () => {
  it('refuses the old secret and takes the new one within a second of a rotation', async () => {
    const before = await world.app();
    expect(await reasonOf(api, before)).toBe('accepted');
    const after = await operator.apps.rotate(before.clientId);
    world.clock.advance(1_000);
    expect(await reasonOf(api, before)).toBe('INVALID_CREDENTIALS');
    expect(await reasonOf(api, after)).toBe('accepted');
  });

  it('refuses a revoked app within a second, and tells it so', async () => {
    const app = await world.app();
    expect(await reasonOf(api, app)).toBe('accepted');
    await operator.apps.revoke(app.clientId);
    world.clock.advance(1_000);
    expect(await reasonOf(api, app)).toBe('APP_REVOKED');
    expect(await reasonOf(api, { ...app, clientSecret: 'other' })).toBe('INVALID_CREDENTIALS');
  });

  it.each<[string, string, (app: AppCredentials) => Promise<unknown>]>([
    ['rotated', 'INVALID_CREDENTIALS', (app) => operator.apps.rotate(app.clientId)],
    ['revoked', 'APP_REVOKED', (app) => operator.apps.revoke(app.clientId)],
  ])('refuses a token that it has taken before, once its app was %s', async (_, reason, change) => {
    const app = await world.app();
    const token = tokenOf(app);
    expect(await reasonOfToken(api, token)).toBe('accepted');
    await change(app);
    world.clock.advance(1_000);
    expect(await reasonOfToken(api, token)).toBe(reason);
  });

  it('refuses a token that it has taken before, once it has expired', async () => {
    const token = tokenOf(await world.app());
    expect(await reasonOfToken(api, token)).toBe('accepted');
    world.clock.advance(121_000);
    expect(await reasonOfToken(api, token)).toBe('TOKEN_EXPIRED');
  });

  it('takes an app within a second that it did not find before', async () => {
    const app = await world.app();
    await world.database.run('UPDATE expunge.client_apps SET client_id = $2 WHERE client_id = $1', [
      app.clientId,
      `x${app.clientId}`,
    ]);
    expect(await reasonOf(api, app)).toBe('INVALID_CREDENTIALS');
    await world.database.run('UPDATE expunge.client_apps SET client_id = $1 WHERE client_id = $2', [
      app.clientId,
      `x${app.clientId}`,
    ]);
    world.clock.advance(1_000);
    expect(await reasonOf(api, app)).toBe('accepted');
  });

  it('asks the database once a second, however many tokens come at once', async () => {
    const app = await world.app();
    const asked = countStatements();
    for (let second = 0; second < 3; second += 1) {
      for (let round = 0; round < 3; round += 1)
        await Promise.all(Array.from({ length: 20 }, () => reasonOf(api, app)));
      world.clock.advance(1_000);
    }
    // The key for secrets once, then the row, then its version twice.
    expect(asked()).toBe(4);
  });

  it('asks once a second for an app that nobody knows', async () => {
    const nobody = {
      ...(await world.app()),
      clientId: `cs-${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}`,
    };
    const asked = countStatements();
    for (let round = 0; round < 3; round += 1)
      await Promise.all(Array.from({ length: 20 }, () => reasonOf(api, nobody)));
    expect(asked()).toBe(1);
  });

  it('lets no token through while the database does not answer for more than a second', async () => {
    const app = await world.app();
    expect(await reasonOf(api, app)).toBe('accepted');
    world.clock.advance(1_000);
    await world.database.run('ALTER TABLE expunge.client_apps RENAME TO away');
    try {
      const verifying = api.verifier.verify(tokenOf(app), { allowCompatible: false });
      await expect(verifying).rejects.toMatchObject({ name: 'DatabaseFault' });
    } finally {
      await world.database.run('ALTER TABLE expunge.away RENAME TO client_apps');
    }
    expect(await reasonOf(api, app)).toBe('accepted');
  });
});

describe('an app row that was altered by hand', () => {
  it.each([
    `account_id = '${'b'.repeat(24)}'`,
    'secret = (SELECT secret FROM expunge.client_apps other WHERE other.client_id <> client_apps.client_id LIMIT 1)',
    'secret = set_byte(secret, 30, 255 - get_byte(secret, 30))',
    "secret = ''",
  ])('lets nobody in, and a line says so: %s', async (change) => {
    await world.app();
    const app = await world.app();
    await world.database.run(`UPDATE expunge.client_apps SET ${change} WHERE client_id = $1`, [app.clientId]);
    expect(await reasonOf(api, app)).toBe('INVALID_CREDENTIALS');
    expect(api.logged.join()).toContain('auth.app.unreadable');
    expect(api.logged.join()).toContain(app.clientId);
  });
});

describe('rotating and revoking', () => {
  it.each(['cs-5f0c3a0e-0000-4000-8000-000000000000', 'nonsense', 'cs-\0'])(
    'an app that is not there is refused: %j',
    async (clientId) => {
      await expect(operator.apps.rotate(clientId)).rejects.toThrow(ClientAppRefused);
      await expect(operator.apps.revoke(clientId)).rejects.toThrow(ClientAppRefused);
    },
  );

  it('a revoked app can not be rotated back to life; revoking again changes nothing', async () => {
    const { clientId } = await world.app();
    const revokedOn = async (): Promise<Date | null | undefined> =>
      (await operator.apps.list()).find((app) => app.clientId === clientId)?.revokedOn;
    await operator.apps.revoke(clientId);
    const since = await revokedOn();
    await operator.apps.revoke(clientId);
    expect(await revokedOn()).toEqual(since);
    await expect(operator.apps.rotate(clientId)).rejects.toThrow('revoked');
  });
});

describe('the compatible policy', () => {
  const DAY = 86_400_000;
  const inDays = (days: number): Date => new Date(world.clock.now().getTime() + days * DAY);
  const endOf = async (clientId: string): Promise<Date | null | undefined> =>
    (await operator.apps.list()).find((app) => app.clientId === clientId)?.tokenPolicyUntil;

  it('ends after 90 days unless told otherwise, and can be renewed', async () => {
    const { clientId } = await world.app({ tokenPolicy: 'compatible' });
    expect(await endOf(clientId)).toEqual(inDays(90));
    world.clock.advance(30 * DAY);
    expect(await operator.apps.renew(clientId, inDays(7))).toEqual(inDays(7));
    expect(await endOf(clientId)).toEqual(inDays(7));
    await operator.apps.renew(clientId, null);
    expect(await endOf(clientId)).toEqual(inDays(90));
  });

  it.each([-1, 0, 90.1])('can not end in %s days', async (days) => {
    const tokenPolicyUntil = inDays(days);
    await expect(world.app({ tokenPolicy: 'compatible', tokenPolicyUntil })).rejects.toThrow(
      ClientAppRefused,
    );
    const { clientId } = await world.app({ tokenPolicy: 'compatible' });
    await expect(operator.apps.renew(clientId, tokenPolicyUntil)).rejects.toThrow(ClientAppRefused);
  });

  it('is nothing that a strict or revoked app could renew, and strict has no end', async () => {
    const strict = await world.app();
    await expect(operator.apps.renew(strict.clientId, null)).rejects.toThrow(ClientAppRefused);
    const revoked = await world.app({ tokenPolicy: 'compatible' });
    await operator.apps.revoke(revoked.clientId);
    await expect(operator.apps.renew(revoked.clientId, null)).rejects.toThrow(ClientAppRefused);
    await expect(world.app({ tokenPolicyUntil: inDays(1) })).rejects.toThrow(ClientAppRefused);
  });

  it('reaches another process within a second when it is renewed', async () => {
    const app = await world.app({ tokenPolicy: 'compatible', tokenPolicyUntil: inDays(1) });
    const documented = signedToken(app.clientSecret, { sub: '1', appId: app.clientId });
    const verify = (): Promise<unknown> => api.verifier.verify(documented, { allowCompatible: true });
    await expect(verify()).resolves.toBeDefined();
    world.clock.advance(DAY);
    await expect(verify()).rejects.toMatchObject({ reason: 'TOKEN_POLICY' });
    await operator.apps.renew(app.clientId, null);
    world.clock.advance(1_000);
    await expect(verify()).resolves.toBeDefined();
  });
});

describe('a token made for an operator', () => {
  it.each([
    ['strict', {}],
    ['compatible', { tokenPolicy: 'compatible' }],
    ['with an audience', { audience: 'expunge' }],
    ['one-time only', { requireJti: true }],
  ] as const)('is good for its app: %s', async (_, changes) => {
    const { clientId } = await world.app(changes);
    const { token, expiresOn } = await operator.issuer.issue(clientId, 'desk', 600);
    expect(expiresOn.getTime()).toBe((world.clock.seconds + 600) * 1000);
    await expect(api.verifier.verify(token, { allowCompatible: false })).resolves.toMatchObject({ clientId });
  });

  it.each([0, -1, 0.5, 24 * 3600 + 1, NaN])('lives for no %s seconds', async (seconds) => {
    const { clientId } = await world.app();
    await expect(operator.issuer.issue(clientId, 'desk', seconds)).rejects.toThrow(ClientAppRefused);
  });

  it('is not made for an app that is unknown or revoked', async () => {
    const { clientId } = await world.app();
    await operator.apps.revoke(clientId);
    await expect(operator.issuer.issue(clientId, 'desk', 60)).rejects.toThrow(ClientAppRefused);
    await expect(operator.issuer.issue('cs-x', 'desk', 60)).rejects.toThrow(ClientAppRefused);
  });
});

/** Statements that went to the database since. */
function countStatements(): () => number {
  const { manager } = world.database.dataSource;
  const query = manager.query.bind(manager);
  let count = 0;
  manager.query = ((...args: Parameters<typeof query>) => {
    count += 1;
    return query(...args);
  }) as typeof query;
  return () => {
    manager.query = query;
    return count;
  };
}
