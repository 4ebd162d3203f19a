import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ClientAppLookup } from '../../../src/auth/client-app-lookup.service.js';
import { AppSecrets } from '../../../src/auth/app-secrets.js';
import { DELETE_USERS_DATA } from '../../../src/auth/scopes.js';
import { TokenSpender } from '../../../src/auth/token-spender.service.js';
import { TokenVerifier } from '../../../src/auth/token-verifier.service.js';
import { appCreate, appList, appRenew, appRevoke, appRotate } from '../../../src/cli/app.js';
import { type AppCreateOptions, CommandFailure, type CommandIo } from '../../../src/cli/command.js';
import { token } from '../../../src/cli/token.js';
import { Clock } from '../../../src/common/clock.js';
import { MasterKeyError } from '../../../src/common/errors/master-key-error.js';
import { KeyRing } from '../../../src/common/keys/key-ring.js';
import { EventLog } from '../../../src/common/logging/event-log.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { testSettings } from '../../support/settings.js';

const ACCOUNT = '5f1e'.repeat(6);
const DAY = 86_400_000;
const settings = testSettings();
const log = new EventLog('silent');
let database: TestDatabase;
let out: string[];
let err: string[];

beforeAll(async () => {
  database = await testDatabase();
  await database.run('INSERT INTO platform.accounts (id, name) VALUES ($1, $2)', [ACCOUNT, 'Acme']);
});
afterAll(() => database.drop());
beforeEach(() => {
  out = [];
  err = [];
});

function io(): CommandIo {
  return {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    settings,
    log,
    database: () => Promise.resolve({ dataSource: database.dataSource, settings }),
  };
}

const create = (changes: Partial<AppCreateOptions> = {}, to: CommandIo = io()): Promise<number> =>
  appCreate(
    {
      account: ACCOUNT,
      name: 'privacy desk',
      scope: [DELETE_USERS_DATA],
      from: 'admin-console',
      tokenPolicy: 'strict',
      json: true,
      ...changes,
    },
    to,
  );

/** The one JSON object that the last command printed. */
function printed(): Record<string, string> {
  expect(out).toHaveLength(1);
  const object = JSON.parse(out.pop() ?? '') as Record<string, string>;
  return object;
}

async function created(changes: Partial<AppCreateOptions> = {}): Promise<string> {
  await create(changes);
  return printed()['clientId'] ?? '';
}

function verify(text: string): Promise<object> {
  const keyRing = new KeyRing(database.dataSource, settings);
  const lookup = new ClientAppLookup(database.dataSource, new AppSecrets(keyRing), new Clock(), log);
  const verifier = new TokenVerifier(database.dataSource, lookup, new TokenSpender(keyRing), new Clock());
  return verifier.verify(text, { allowCompatible: false });
}

async function failureOf(command: Promise<number>): Promise<{ status: number; message: string }> {
  const error = await command.catch((caught: unknown) => caught);
  if (!(error instanceof CommandFailure)) throw error;
  expect(out).toEqual([]);
  return { status: error.status, message: error.message };
}

describe('app create', () => {
  it('prints the agreed object and nothing else', async () => {
    expect(await create()).toBe(0);
    expect(err).toEqual([]);
    expect(printed()).toEqual({
      clientId: expect.stringMatching(/^cs-/),
      clientSecret: expect.stringMatching(/^[\w-]{43}$/),
      accountId: ACCOUNT,
      scopes: [DELETE_USERS_DATA],
    });
  });

  it('for people prints id and secret', async () => {
    expect(await create({ json: false })).toBe(0);
    expect(out.join('\n')).toMatch(/^client id {6}cs-\S+\nclient secret {2}\S{43}$/);
    expect(err.join()).toContain('shown this once');
  });

  it('keeps scopes that it does not know, and warns of each', async () => {
    await create({ scope: [DELETE_USERS_DATA, 'Sessions:Read', 'Sessions:Read'] });
    expect(err).toEqual(['warning: the scope "Sessions:Read" is not known here and opens nothing']);
    expect(printed()['scopes']).toEqual([DELETE_USERS_DATA, 'Sessions:Read']);
  });

  it('makes an app for an account that does not exist yet, and warns', async () => {
    expect(await create({ account: 'b'.repeat(24) })).toBe(0);
    expect(err.join()).toContain('no account with this id');
    expect(printed()['accountId']).toBe('b'.repeat(24));
  });

  it('warns that apps from the Bot Builder are let in nowhere', async () => {
    await create({ from: 'bot-builder' });
    expect(err.join()).toContain('Bot Builder');
  });

  it.each<[string, Partial<AppCreateOptions>]>([
    ['a scope without a group', { scope: ['Delete Users Data'] }],
    ['no scope', { scope: [] }],
    ['an empty name', { name: ' ' }],
    ['a name that moves the cursor', { name: 'a\u001b[2J' }],
    ['an end with strict', { until: '2026-12-31' }],
    ['an end that is no date', { tokenPolicy: 'compatible', until: 'tomorrow' }],
    ['an end that is not on the calendar', { tokenPolicy: 'compatible', until: '2026-02-30' }],
  ])('refuses %s as wrong usage', async (_, changes) => {
    expect(await failureOf(create(changes))).toMatchObject({ status: 2 });
  });

  it.each<[string, Partial<AppCreateOptions>]>([
    ['an end 91 days ahead', { tokenPolicy: 'compatible', until: inDays(91) }],
    ['an end that is over', { tokenPolicy: 'compatible', until: inDays(-1) }],
  ])('refuses %s', async (_, changes) => {
    expect(await failureOf(create(changes))).toMatchObject({ status: 1 });
  });

  it('writes nothing under a master key that does not fit all keys that are there', async () => {
    const fresh = await testDatabase();
    await fresh.run('INSERT INTO platform.accounts (id) VALUES ($1)', [ACCOUNT]);
    await new KeyRing(fresh.dataSource, testSettings()).current('entries', ACCOUNT);
    const other = { ...io(), database: () => Promise.resolve({ dataSource: fresh.dataSource, settings }) };
    await expect(create({}, other)).rejects.toThrow(MasterKeyError);
    expect(await fresh.run('SELECT purpose FROM expunge.keys')).toEqual([{ purpose: 'entries' }]);
    await fresh.drop();
  });
});

describe('app list', () => {
  it('shows every app, never a secret', async () => {
    await create({ name: 'listed' });
    const { clientId, clientSecret = '?' } = printed();
    await appList({ json: true }, io());
    expect(out.join()).not.toContain(clientSecret);
    expect(printed()['apps']).toContainEqual(
      expect.objectContaining({ clientId, name: 'listed', origin: 'admin-console', revokedOn: null }),
    );
    await appList({ json: false }, io());
    expect(out.join()).toContain(
      `${clientId ?? '?'}  ${ACCOUNT}  listed  ${DELETE_USERS_DATA}  admin-console`,
    );
    expect(out.join()).not.toContain(clientSecret);
  });
});

describe('app rotate, revoke and renew', () => {
  it('rotate shows a new secret', async () => {
    await create();
    const before = printed();
    const { clientId = '' } = before;
    await appRotate({ clientId, json: true }, io());
    const after = printed();
    expect(after).toEqual({ clientId, clientSecret: expect.any(String) });
    expect(after['clientSecret']).not.toBe(before['clientSecret']);
  });

  it('revoke ends an app', async () => {
    const clientId = await created();
    await appRevoke({ clientId, cancel: false, json: true }, io());
    expect(printed()).toEqual({ clientId, revoked: true });
    const making = token({ clientId, expiresIn: '10m', json: true }, io());
    expect(await failureOf(making)).toMatchObject({ status: 1 });
  });

  it('renew gives a compatible app 90 days, or less', async () => {
    const clientId = await created({ tokenPolicy: 'compatible', until: inDays(1) });
    const before = Date.now();
    await appRenew({ clientId, json: true }, io());
    const end = Date.parse(printed()['tokenPolicyUntil'] ?? '');
    expect(end).toBeGreaterThanOrEqual(before + 90 * DAY);
    expect(end).toBeLessThanOrEqual(Date.now() + 90 * DAY);
    await appRenew({ clientId, until: inDays(90), json: true }, io());
    expect(printed()).toEqual({ clientId, tokenPolicyUntil: `${inDays(90)}T00:00:00.000Z` });
  });

  it.each([appRotate, appRevoke, appRenew])('need an app that is there', async (command) => {
    const failure = await failureOf(command({ clientId: 'cs-nobody', cancel: true, json: true }, io()));
    expect(failure).toMatchObject({ status: 1, message: expect.stringContaining('no client app') });
  });
});

describe('token', () => {
  it('prints a token that is good, and when it ends', async () => {
    const clientId = await created();
    const before = Date.now();
    expect(await token({ clientId, expiresIn: '10m', sub: 'jo', json: true }, io())).toBe(0);
    const { token: made = '', expiresOn = '' } = printed();
    expect(Math.abs(Date.parse(expiresOn) - before - 600_000)).toBeLessThan(5_000);
    expect(await verify(made)).toMatchObject({ clientId, accountId: ACCOUNT });
    const claims = JSON.parse(Buffer.from(made.split('.')[1] ?? '', 'base64url').toString()) as object;
    expect(claims).toMatchObject({ sub: 'jo', appId: clientId });
  });

  it('for people prints the bare token on standard output', async () => {
    const clientId = await created({ audience: 'expunge', requireJti: true });
    await token({ clientId, expiresIn: '1h', json: false }, io());
    expect(out).toHaveLength(1);
    expect(await verify(out[0] ?? '')).toMatchObject({ clientId, oneTime: { hash: expect.any(Buffer) } });
    expect(err.join()).toMatch(/^good until 2/);
  });

  it.each<[string, number]>([
    ['10', 2],
    ['soon', 2],
    ['25h', 1],
    ['200ms', 1],
  ])('refuses to let it live for %s', async (expiresIn, status) => {
    const clientId = await created();
    expect(await failureOf(token({ clientId, expiresIn, json: true }, io()))).toMatchObject({ status });
  });

  it('needs an app that is there', async () => {
    const making = token({ clientId: 'cs-nobody', expiresIn: '10m', json: true }, io());
    expect(await failureOf(making)).toMatchObject({ status: 1 });
  });
});

function inDays(days: number): string {
  return new Date(Date.now() + days * DAY).toISOString().slice(0, 10);
}
