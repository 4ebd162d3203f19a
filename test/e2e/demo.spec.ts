import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { CommandFailure } from '../../src/cli/command.js';
import { runDemo } from '../../src/cli/demo/run-demo.js';
import { readRecord } from '../../src/database/embedded/cluster-record.js';
import { databaseUrl } from '../../src/database/embedded/connection.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const small = { seed: 2, people: 100 };

describe('expunge demo', () => {
  let place: string;

  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), 'demo-place-'));
    // Root's server runs under another account, which has to get through.
    await chmod(place, 0o755);
  });
  afterAll(async () => {
    await rm(place, { recursive: true, force: true });
  });

  it('erases hundreds of people over HTTP, shows that nobody else was touched, and leaves nothing behind', async () => {
    const { status, out, err } = await command('demo');

    expect(err).toBe('');
    expect(out).toMatch(/492 people erased in [\d.]+ s: 39,\d{3} rows, [\d,]+ rows a second/);
    expect(out).toMatch(/ok +rows of erased people left: 0 of 39,\d{3}/);
    expect(out).toMatch(
      /ok +156,\d{3} rows of everybody else, in 17 tables: same checksums before and after/,
    );
    expect(out.match(/^ {2}ok /gm)).toHaveLength(4);
    for (const reason of [
      'ACCOUNT_OWNER',
      'BOT_CO_DEVELOPER',
      'MATCHES_SEVERAL_USERS',
      'NOT_IN_DIRECTORY',
      'NOT_FOUND',
    ])
      expect(out).toContain(reason);
    expect(out).toContain('506 of 506 entries settled');
    expect(out).toContain('curl -X DELETE http://127.0.0.1:3000/api/public/bot/eraseUsersData');
    expect(out).toContain('npm start');
    expect(status).toBe(0);
    expect(await readdir(place)).toEqual([]);
  }, 240_000);

  it('says so when a row of somebody else has changed meanwhile', async () => {
    const directory = join(place, 'changed');
    const lines: string[] = [];
    const meddling: Promise<void>[] = [];
    const out = (line: string): void => {
      lines.push(line);
      if (line.includes('every row read')) meddling.push(meddle(directory));
    };
    const held = await runDemo(
      { directory, sample: small },
      { out, draw: null, stop: new AbortController().signal },
    );
    await Promise.all(meddling);
    expect(meddling).toHaveLength(1);

    expect(lines.join('\n')).toMatch(
      /FAILED +[\d,]+ rows of everybody else[^\n]*\n +accounts: 2 rows before, 2 after/,
    );
    expect(held).toBe(false);
  }, 120_000);

  it('says in one sentence that it was told to stop, and leaves nothing behind', async () => {
    const directory = join(place, 'stopped');
    const stop = new AbortController();
    const out = (line: string): void => {
      if (line.includes('accepted')) stop.abort();
    };
    const failure = await runDemo({ directory, sample: small }, { out, draw: null, stop: stop.signal }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(CommandFailure);
    expect((failure as CommandFailure).message).toBe(
      'the demo ended early (erasing): it was told to stop; nothing of it is left behind',
    );
    expect(await readdir(place)).toEqual([]);
  }, 120_000);

  /** Runs the command from its source, in `place`: what is built may be older. */
  async function command(name: string): Promise<{ status: number | null; out: string; err: string }> {
    const script = `import { run } from './src/cli.ts';
      process.chdir(${JSON.stringify(place)});
      await run(['node', 'expunge', ${JSON.stringify(name)}]);`;
    const child = spawn(
      process.execPath,
      ['--no-warnings', '--import', '@swc-node/register/esm-register', '--input-type=module', '-e', script],
      { cwd: root, env: { PATH: process.env['PATH'] } },
    );
    const ended = once(child, 'close') as Promise<[number | null]>;
    const [out, err, [status]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    return { status, out, err };
  }
});

/** Changes one row of nobody who is erased. */
async function meddle(directory: string): Promise<void> {
  const { port, password } = await readRecord(directory);
  const client = new Client({ connectionString: databaseUrl(port, password) });
  await client.connect();
  await client.query(
    `UPDATE platform.accounts SET name = 'somebody else' WHERE id = (SELECT min(id) FROM platform.accounts)`,
  );
  await client.end();
}
