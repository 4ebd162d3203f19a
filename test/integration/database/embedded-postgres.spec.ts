import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { EmbeddedPostgres } from '../../../src/database/embedded/embedded-postgres.js';
import { DatabaseProcess } from '../../support/database-process.js';
import { stageCheckout } from '../../support/staged-checkout.js';

const asRoot = process.getuid?.() === 0;
const nobody = { uid: 65534, gid: 65534 };

let checkout: string;
let parent: string;
/** One for all tests that don't need an empty one: making database files takes seconds on a small machine. */
let shared: string;
let dataDir: string;
const inUse = new Set<EmbeddedPostgres>();

beforeAll(async () => {
  checkout = await mkdtemp(join(tmpdir(), 'checkout-'));
  await stageCheckout(checkout);
  parent = await mkdtemp(join(tmpdir(), 'embedded-'));
  await chmod(parent, 0o755);
  shared = join(parent, 'shared');
}, 180_000);

afterAll(async () => {
  await rm(checkout, { recursive: true, force: true });
  await rm(parent, { recursive: true, force: true });
});

beforeEach(() => {
  dataDir = shared;
});

afterEach(async () => {
  DatabaseProcess.killAll();
  for (const postgres of inUse) await postgres.stop();
  inUse.clear();
});

/** @param owner of the directory; without it, it is not there yet */
async function freshDirectory(owner?: { uid: number; gid: number }): Promise<void> {
  dataDir = join(parent, randomUUID());
  if (owner === undefined) return;
  await mkdir(dataDir, { mode: 0o700 });
  await chown(dataDir, owner.uid, owner.gid);
}

async function use(options: { hold?: boolean } = {}): Promise<EmbeddedPostgres> {
  const postgres = await EmbeddedPostgres.startOrJoin(dataDir, options);
  inUse.add(postgres);
  return postgres;
}

async function query<Row extends object>(url: string, text: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

async function setting(url: string, name: string): Promise<string | undefined> {
  const [row] = await query<{ value: string }>(url, `SELECT current_setting('${name}') AS value`);
  return row?.value;
}

async function homeOf(directory: string): Promise<string> {
  const { home } = JSON.parse(await readFile(join(directory, 'postgres.json'), 'utf8')) as { home: string };
  return home.startsWith('/') ? home : join(directory, home);
}

async function pidFile(): Promise<string> {
  return join(await homeOf(dataDir), 'data', 'postmaster.pid');
}

async function serverPid(): Promise<number> {
  return Number((await readFile(await pidFile(), 'utf8')).split('\n')[0]);
}

const accepts = async (url: string): Promise<boolean> =>
  query(url, 'SELECT 1').then(
    () => true,
    () => false,
  );

describe('a server of its own', () => {
  test('listens on loopback alone, wants its password, keeps text as UTF-8 and knows letters by Unicode', async () => {
    const { url } = await use();
    expect(await setting(url, 'listen_addresses')).toBe('127.0.0.1');
    expect(await setting(url, 'unix_socket_directories')).toBe('');
    expect(await setting(url, 'server_encoding')).toBe('UTF8');
    expect(
      await query(url, `SELECT lower('ÀÉ') AS ascii, lower('ÀÉ' COLLATE "und-x-icu") AS unicode`),
    ).toEqual([{ ascii: 'ÀÉ', unicode: 'àé' }]);
    expect(new URL(url).hostname).toBe('127.0.0.1');
    const wrong = new URL(url);
    wrong.password = 'wrong';
    await expect(query(wrong.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
    const [{ stored } = { stored: '' }] = await query<{ stored: string }>(
      url,
      'SELECT rolpassword AS stored FROM pg_authid WHERE rolname = CURRENT_USER',
    );
    expect(stored).toMatch(/^SCRAM-SHA-256\$/);
  });

  test('lets nobody else read the password or the files', async () => {
    await use();
    expect((await stat(join(dataDir, 'postgres.json'))).mode & 0o777).toBe(0o600);
    const home = await stat(await homeOf(dataDir));
    expect(home.mode & 0o777).toBe(0o700);
    expect(home.uid).toBe(asRoot ? nobody.uid : process.getuid?.());
  });

  test('writes nothing of anybody into its log, not even what an error quotes', async () => {
    const { url } = await use();
    await query(url, `SELECT 'marked-value'::integer`).catch(() => undefined);
    await query(url, `DO $$ BEGIN RAISE WARNING 'marked-value'; END $$`);
    const log = await readFile(join(await homeOf(dataDir), 'server.log'), 'utf8');
    expect(log).toContain('ready to accept connections');
    expect(log).not.toContain('marked-value');
  });
});

describe('used by several', () => {
  test('the second joins, the first may go, the last one stops it, and everything is there the next time', async () => {
    const first = await use();
    await query(first.url, 'CREATE TABLE IF NOT EXISTS kept AS SELECT 42 AS answer');
    const second = await use();
    expect(second.url).toBe(first.url);
    await first.stop();
    expect(await accepts(second.url)).toBe(true);
    await second.stop();
    expect(await accepts(second.url)).toBe(false);
    expect(existsSync(await pidFile())).toBe(false);
    const { url } = await use();
    expect(await query(url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  test('two that begin at once in an empty directory use one server', async () => {
    await freshDirectory();
    const [one, other] = [DatabaseProcess.start(checkout, dataDir), DatabaseProcess.start(checkout, dataDir)];
    const urls = await Promise.all([one.answer(), other.answer()]);
    expect(urls[0]).toMatch(/^postgres:/);
    expect(urls[1]).toBe(urls[0]);
    expect(await Promise.all([one.leave(), other.leave()])).toEqual([0, 0]);
    expect(await accepts(urls[0])).toBe(false);
  });

  test('only one may hold it, and the refused one is told by whom it is held', async () => {
    const server = DatabaseProcess.start(checkout, dataDir, { hold: true });
    const url = await server.answer();
    await expect(use({ hold: true })).rejects.toThrow(`process ${server.pid} already serves`);
    expect((await use()).url).toBe(url);
    await server.leave();
    await use({ hold: true });
  });
});

describe('after something died', () => {
  test('the holder was killed: the server goes on, is joined, held again, and stopped by the one that joined', async () => {
    const server = DatabaseProcess.start(checkout, dataDir, { hold: true });
    const url = await server.answer();
    await query(url, 'CREATE TABLE IF NOT EXISTS kept AS SELECT 42 AS answer');
    const pid = await serverPid();
    await server.kill();
    const next = await use({ hold: true });
    expect(await serverPid()).toBe(pid);
    expect(await query(next.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await next.stop();
    expect(await accepts(url)).toBe(false);
  });

  test('the server was killed: it recovers what was committed, on the same port', async () => {
    const { url } = await use();
    await query(url, 'CREATE TABLE IF NOT EXISTS kept AS SELECT 42 AS answer');
    process.kill(await serverPid(), 'SIGKILL');
    const next = await use();
    expect(next.url).toBe(url);
    expect(await query(next.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  test('the number of a dead server now belongs to another process of the same account', async () => {
    const first = await use();
    const text = await readFile(await pidFile(), 'utf8');
    await first.stop();
    const stranger = spawn('sleep', ['60'], asRoot ? nobody : {});
    await writeFile(await pidFile(), text.replace(/^\d+/, String(stranger.pid)));
    await chown(await pidFile(), asRoot ? nobody.uid : -1, -1);
    try {
      const { url } = await use();
      expect(await accepts(url)).toBe(true);
    } finally {
      stranger.kill();
    }
  });

  test('its port belongs to somebody else: it takes another one', async () => {
    const first = await use();
    await first.stop();
    const stranger = createServer().listen(Number(new URL(first.url).port), '127.0.0.1');
    try {
      const { url } = await use();
      expect(url).not.toBe(first.url);
      expect(await accepts(url)).toBe(true);
    } finally {
      stranger.close();
    }
  });

  test('a start that was interrupted leaves nothing that stops the next one', async () => {
    await freshDirectory();
    const server = DatabaseProcess.start(checkout, dataDir);
    // As early as can be seen from outside: its lock, or the first files.
    while (!existsSync(join(dataDir, 'postgres.json'))) await new Promise(setImmediate);
    await server.kill();
    const { url } = await use();
    expect(await accepts(url)).toBe(true);
  });

  test('the database files are gone: it says so instead of beginning anew', async () => {
    await freshDirectory();
    await (await use()).stop();
    await rm(join(await homeOf(dataDir), 'data'), { recursive: true });
    await expect(use()).rejects.toThrow('no longer in');
  });
});

// Root can be anybody; nobody else can be root.
if (asRoot)
  describe('whoever runs it', () => {
    const account = nobody;

    test('an ordinary user, with the package as npm leaves it', async () => {
      await freshDirectory(account);
      const server = DatabaseProcess.start(checkout, dataDir, { account });
      const url = await server.answer();
      expect(url).toMatch(/^postgres:/);
      expect(await accepts(url)).toBe(true);
      expect((await stat(await homeOf(dataDir))).uid).toBe(account.uid);
      expect(await server.leave()).toBe(0);
    });

    test("root after an ordinary user: the server stays that user's, and the user can come back", async () => {
      await freshDirectory(account);
      await DatabaseProcess.start(checkout, dataDir, { account }).leave();
      await (await use()).stop();
      const again = DatabaseProcess.start(checkout, dataDir, { account });
      expect(await again.answer()).toMatch(/^postgres:/);
      expect(await again.leave()).toBe(0);
    });

    test("a start that was interrupted before the home was given to the server's account: the next one gives it", async () => {
      await freshDirectory();
      const home = join(dataDir, 'postgres');
      await mkdir(home, { recursive: true, mode: 0o700 });
      await chmod(dataDir, 0o711);
      const record = { home: 'postgres', port: 0, password: randomUUID(), initialised: false };
      await writeFile(join(dataDir, 'postgres.json'), JSON.stringify(record), { mode: 0o600 });
      expect(await accepts((await use()).url)).toBe(true);
      expect((await stat(home)).uid).toBe(account.uid);
    });

    test('an ordinary user where root ran it: is told whose it is', async () => {
      await (await use()).stop();
      const server = DatabaseProcess.start(checkout, dataDir, { account });
      expect(await server.answer()).toContain('belongs to another account');
      await server.leave();
    });

    test("root in a directory that nobody else can enter: the files lie where the server's account gets at them", async () => {
      const closed = join(parent, 'closed');
      await mkdir(closed, { mode: 0o700 });
      await stageCheckout(join(closed, 'checkout'));
      dataDir = join(closed, 'checkout', '.expunge');
      const server = DatabaseProcess.start(join(closed, 'checkout'), dataDir);
      const url = await server.answer();
      await query(url, 'CREATE TABLE IF NOT EXISTS kept AS SELECT 42 AS answer');
      const home = await homeOf(dataDir);
      expect(home).toMatch(/^\/var\/lib\/expunge\/clusters\//);
      const { mode, uid } = await stat(home);
      expect([mode & 0o777, uid]).toEqual([0o700, account.uid]);
      expect(await server.leave()).toBe(0);
      const next = await use();
      expect(await query(next.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
      await next.stop();
      await rm(home, { recursive: true });
    });
  });
