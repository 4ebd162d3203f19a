import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BuiltCommand, type Ended } from '../../support/built-command.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';

const masterKey = Buffer.alloc(32, 7).toString('base64');

type Environment = Readonly<Record<string, string>>;
let command: BuiltCommand;
beforeAll(async () => {
  command = await BuiltCommand.build();
}, 180_000);
afterAll(() => command.remove());

const expunge = (args: readonly string[], env?: Environment): Promise<Ended> => command.run(args, env);

describe('used wrongly', () => {
  test.each<[string, string[]]>([
    ['no command', []],
    ['an unknown command', ['erase']],
    ['an unknown option', ['migrate', '--force']],
    ['a missing option', ['app', 'create', '--name', 'n']],
    [
      'an option of another choice',
      ['app', 'create', '--account', 'a', '--name', 'n', '--scope', 's:s', '--from', 'x'],
    ],
    ['an argument too many', ['config', 'now']],
  ])('%s: status 2, told on standard error', async (_case, args) => {
    const { status, out, err } = await expunge(args);
    expect({ status, out, told: err.length > 0 }).toEqual({ status: 2, out: '', told: true });
  });

  test('wrong configuration: status 78, every problem by name, no value', async () => {
    const env = { PORT: 'marked', DATABASE_URL: 'marked', EXPUNGE_LEASE_SECONDS: 'marked' };
    const { status, out, err } = await expunge(['migrate'], env);
    expect({ status, out }).toEqual({ status: 78, out: '' });
    for (const name of Object.keys(env)) expect(err).toContain(name);
    expect(err).not.toContain('marked');
  });

  test('a database that is not there: status 1, one sentence that repeats nothing of the URL', async () => {
    const env = {
      DATABASE_URL: 'postgres://marked:marked@127.0.0.1:1/marked',
      EXPUNGE_MASTER_KEY: masterKey,
    };
    const { status, out, err } = await expunge(['migrate'], env);
    expect({ status, out, lines: err.trim().split('\n').length }).toEqual({ status: 1, out: '', lines: 1 });
    expect(err).not.toContain('marked');
  });
});

test('--help tells every command, and loads nothing of the service for it', async () => {
  const alone = await BuiltCommand.build(['commander']);
  const { status, out, err } = await alone.run(['--help']);
  await alone.remove();
  expect({ status, err }).toEqual({ status: 0, err: '' });
  for (const name of ['serve', 'migrate', 'app', 'token', 'data-map', 'grants', 'config', 'demo', 'openapi'])
    expect(out).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
});

test('config prints every setting with its default, hides secrets, and warns of what no setting knows', async () => {
  const { status, out, err } = await expunge(['config'], {
    DATABASE_URL: 'postgres://me:marked@db/p',
    EXPUNGE_MASTER_KEY: masterKey,
    EXPUNGE_TYPO: 'marked',
  });
  expect(status).toBe(0);
  expect(out).toMatch(/^EXPUNGE_LEASE_SECONDS=3$/m);
  expect(out).toMatch(/^DATABASE_URL=postgres:\/\/me:hidden@db\/p$/m);
  expect(out + err).not.toMatch(new RegExp(`marked|${masterKey}`));
  expect(err).toContain('EXPUNGE_TYPO');
});

describe('on the embedded database', () => {
  let place: string;
  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), 'expunge-command-'));
    // As root: where the account that runs PostgreSQL can get at it, so that it goes with the rest.
    await chmod(place, 0o711);
  });
  afterAll(() => rm(place, { recursive: true, force: true }));

  test('it serves; commands join it; a second one is refused by name of the first; told to stop, it ends in order', async () => {
    const env = { EXPUNGE_DATA_DIR: join(place, 'data'), PORT: '0' };
    const service = command.start(['serve'], env);
    const ended = once(service, 'close') as Promise<[number | null]>;
    const lines = createInterface(service.stdout)[Symbol.asyncIterator]();
    const first = String((await lines.next()).value);
    const url = /http:\/\/\S+/.exec(first)?.[0] ?? '';
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    expect((await fetch(`${url}/openapi.json`)).status).toBe(200);

    expect(await expunge(['migrate'], env)).toMatchObject({
      status: 0,
      out: expect.stringContaining('nothing to do'),
    });
    const second = await expunge(['serve'], env);
    expect(second).toMatchObject({ status: 1, out: '' });
    expect(second.err).toContain(`process ${service.pid ?? '?'} already serves`);
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);

    service.kill('SIGTERM');
    expect((await ended)[0]).toBe(0);
    await expect(fetch(`${url}/health/live`)).rejects.toThrow();
  });
});

describe('on a database of its own', () => {
  let database: TestDatabase;
  let env: Environment;
  beforeAll(async () => {
    database = await testDatabase({ platform: false });
    env = { DATABASE_URL: database.url, EXPUNGE_MASTER_KEY: masterKey, NODE_ENV: 'production' };
  });
  afterAll(() => database.drop());

  test('in production the sample platform is made only when it is asked for, by the migrating role', async () => {
    expect(await expunge(['migrate'], env)).toMatchObject({
      status: 0,
      out: expect.stringContaining('not there, not made'),
    });
    const asOwner = {
      ...env,
      DATABASE_URL: 'postgres://127.0.0.1:1/none',
      EXPUNGE_MIGRATE_URL: database.url,
    };
    const { status, out } = await expunge(['migrate', '--with-sample-platform'], asOwner);
    expect({ status, out }).toEqual({
      status: 0,
      out: expect.stringMatching(/^migrated SamplePlatform\d+$/m),
    });
    expect(await database.run('SELECT FROM platform.users')).toEqual([]);
  });

  test('any number serve', async () => {
    const services = [
      command.start(['serve'], { ...env, NODE_ENV: '', PORT: '0' }),
      command.start(['serve'], { ...env, NODE_ENV: '', PORT: '0' }),
    ];
    const said = await Promise.all(
      services.map(async ({ stdout }) =>
        String((await createInterface(stdout)[Symbol.asyncIterator]().next()).value),
      ),
    );
    for (const line of said)
      expect(line).toMatch(/^Expunge listens on http:\/\/127\.0\.0\.1:\d+ \(PostgreSQL of DATABASE_URL\)$/);
    const ended = services.map((service) => once(service, 'close') as Promise<[number | null]>);
    for (const service of services) service.kill('SIGINT');
    expect((await Promise.all(ended)).map(([status]) => status)).toEqual([0, 0]);
  });
});
