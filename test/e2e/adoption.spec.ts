import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { BuiltCommand, type Ended } from '../support/built-command.js';
import { eventually } from '../support/eventually.js';
import { blocksOf } from '../support/guide.js';
import { emptyDatabase, type TestDatabase } from '../support/postgres.js';
import { ServedProcess } from '../support/served-process.js';

const ERASE = '/api/public/bot/eraseUsersData';
const masterKey = Buffer.alloc(32, 9).toString('base64');

/** The platform that docs/adopt.md speaks of, with everything that it says of it: people under uuids, in tables of its own. */
const platform = `
  CREATE SCHEMA app;
  CREATE TABLE app.tenants (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
  CREATE TABLE app.people (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id uuid NOT NULL, email text,
    staff_no text, is_staff boolean NOT NULL DEFAULT false);
  CREATE TABLE app.bots (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id uuid NOT NULL);
  CREATE TABLE app.bot_staff (bot_id uuid, person_id uuid, job text, PRIMARY KEY (bot_id, person_id));
  CREATE TABLE app.handles (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, person_id uuid REFERENCES app.people,
    bot_id uuid, channel text NOT NULL, handle text NOT NULL);
  CREATE TABLE app.chat_lines (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, person_id uuid, bot_id uuid,
    channel text, handle text, said_on timestamptz DEFAULT now(), words text)`;

let db: TestDatabase;
let command: BuiltCommand;
let place: string;

beforeAll(async () => {
  db = await emptyDatabase();
  place = await mkdtemp(join(tmpdir(), 'adoption-'));
  command = await BuiltCommand.build();
  await db.run(platform);
}, 120_000);

afterAll(async () => {
  await command.remove();
  await rm(place, { recursive: true, force: true });
  await db.run('DROP ROLE IF EXISTS expunge_service, expunge_owner').catch(() => undefined);
  await db.drop();
});

/** The database's URL for a role that the guide makes. */
function urlFor(role: string): string {
  const url = new URL(db.url);
  [url.username, url.password] = [role, encodeURIComponent('…')];
  return url.href;
}

async function stop(served: ServedProcess): Promise<void> {
  served.signal('SIGTERM');
  expect((await served.ended).status).toBe(0);
}

/** Statement by statement, as psql does it. */
async function runAll(text: string): Promise<void> {
  for (const statement of text.replace(/--.*$/gm, '').split(/;\s*$/m))
    if (statement.trim() !== '') await db.run(statement);
}

it('docs/adopt.md goes from a platform of one’s own to a person erased, and away again, as it says', async () => {
  const [sqlWith, yamlWith] = [
    await blocksOf('docs/adopt.md', 'sql'),
    await blocksOf('docs/adopt.md', 'yaml'),
  ];
  const dataMap = join(place, 'your-data-map.yaml');
  const keyFile = join(place, 'master.key');
  await writeFile(dataMap, yamlWith('chat_lines:'));
  await writeFile(keyFile, `${masterKey}\n`);
  const env = {
    NODE_ENV: 'production',
    DATABASE_URL: urlFor('expunge_service'),
    EXPUNGE_MIGRATE_URL: urlFor('expunge_owner'),
    EXPUNGE_MASTER_KEY_FILE: keyFile,
    EXPUNGE_DATA_MAP: dataMap,
    PORT: '0',
  };
  const asOwnerOfTables = { ...env, DATABASE_URL: db.url };
  const run = (args: string, as: Readonly<Record<string, string>> = env): Promise<Ended> =>
    command.run(args.split(' '), as);

  // 1, 2
  const database = `"${new URL(db.url).pathname.slice(1)}"`;
  await runAll(sqlWith('CREATE ROLE').replace('ON DATABASE platform', `ON DATABASE ${database}`));
  expect(await run('config')).toMatchObject({ status: 0, err: '' });
  expect(await run('migrate')).toMatchObject({
    status: 0,
    out: expect.stringMatching(/^migrated [^]*schema platform: not there, not made/),
  });

  // 3
  await runAll(sqlWith('CREATE VIEW platform.users'));
  await runAll(sqlWith('lower(email COLLATE "und-x-icu"));'));
  for (const statement of sqlWith('EXPLAIN')
    .split(';')
    .filter((text) => text.trim() !== '')) {
    const plan = await db.dataSource.transaction(async (manager) => {
      await manager.query('SET LOCAL enable_seqscan = off');
      return manager.query<{ 'QUERY PLAN': string }[]>(statement);
    });
    const lines = plan.map((row) => row['QUERY PLAN']).join('\n');
    expect(lines).toMatch(/Index (Only )?Scan|Bitmap Index Scan/);
    expect(lines).not.toContain('Seq Scan');
  }

  // 4: as it says, each finding with what settles it
  const first = await run('data-map check', asOwnerOfTables);
  expect(first.status).toBe(1);
  const remedies = first.out.split('\n').filter((line) => line.startsWith('    '));
  expect(remedies.length).toBeGreaterThan(0);
  for (const remedy of remedies) await db.run(remedy.replace('CONCURRENTLY ', ''));
  expect(await run('data-map check', asOwnerOfTables)).toMatchObject({
    status: 0,
    out: 'the data map fits the database\n',
  });

  // 5
  const cautious = await run('grants --role expunge_service --without-delete', asOwnerOfTables);
  await runAll(cautious.out);
  const { status, out } = await run('data-map check');
  expect(status).toBe(1);
  for (const line of out.split('\n').filter((text) => text.startsWith('mistake') || text.startsWith('drift')))
    expect(line).toMatch(/^mistake .* the role of the service may not (delete rows|overwrite)/);
  const [tenant] = await db.run<{ id: string }>('INSERT INTO app.tenants DEFAULT VALUES RETURNING id');
  const account = tenant?.id ?? '';
  const refused = await run('serve', { ...env, EXPUNGE_ROLE: 'worker' });
  expect(refused).toMatchObject({ status: 78, out: '' });
  const api = await ServedProcess.start(command, { ...env, EXPUNGE_ROLE: 'api' });
  const app = await command.run(
    [
      'app',
      'create',
      '--account',
      account,
      '--name',
      'trial',
      '--scope',
      'Bot Analytics:Delete Users Data',
      '--json',
    ],
    env,
  );
  const { clientId } = JSON.parse(app.out) as { clientId: string };
  const { out: token } = await run(`token --client-id ${clientId}`);
  const headers = { auth: token.trim(), 'content-type': 'application/json' };
  const accepted = await fetch(api.url + ERASE, {
    method: 'DELETE',
    headers,
    body: '{"userIds": ["made.up@example.com"], "RemoveDataFromAllBots": true}',
  });
  const { requestId } = (await accepted.json()) as { requestId: string };
  interface Report {
    readonly status: string;
    readonly response: readonly [{ readonly status: string; readonly erased?: object }];
  }
  const report = async (): Promise<Report> =>
    (await fetch(`${api.url}${ERASE}/status/${requestId}`, { headers })).json() as Promise<Report>;
  expect(await report()).toMatchObject({ status: 'in-progress', response: [{ status: 'PENDING' }] });

  // 6
  await runAll(`
    INSERT INTO app.bots (tenant_id) VALUES ('${account}');
    INSERT INTO app.people (tenant_id, email) VALUES ('${account}', 'Made.Up@Example.com'), ('${account}', 'other@example.com');
    INSERT INTO app.handles (person_id, bot_id, channel, handle)
      SELECT p.id, b.id, c, left(p.email, 5) FROM app.people p, app.bots b, unnest('{sms,web}'::text[]) c;
    INSERT INTO app.chat_lines (person_id, bot_id, words) SELECT p.id, b.id, w FROM app.people p, app.bots b, unnest('{hi,bye}'::text[]) w;
    INSERT INTO app.chat_lines (bot_id, channel, handle, words) SELECT bot_id, channel, handle, 'who am I' FROM app.handles;`);
  await runAll((await run('grants --role expunge_service', asOwnerOfTables)).out);
  expect(await run('data-map check')).toMatchObject({ status: 0 });
  const worker = await ServedProcess.start(command, { ...env, EXPUNGE_ROLE: 'worker' });
  await eventually('the made-up person is erased', async () => (await report()).status !== 'in-progress');
  expect((await report()).response[0]).toMatchObject({
    status: 'SUCCESS',
    erased: { 'app.chat_lines': 4, 'app.handles': 2, 'app.people': 1 },
  });
  expect(await db.run('SELECT email FROM app.people')).toEqual([{ email: 'other@example.com' }]);
  expect(await db.run('SELECT count(*)::int AS lines FROM app.chat_lines')).toEqual([{ lines: 4 }]);
  await stop(worker);
  await stop(api);

  // Leaving again
  await runAll(sqlWith('DROP SCHEMA expunge CASCADE'));
  expect(await db.run(`SELECT nspname FROM pg_namespace WHERE nspname IN ('expunge', 'platform')`)).toEqual(
    [],
  );
  expect(await db.run(`SELECT rolname FROM pg_roles WHERE rolname LIKE 'expunge\\_%'`)).toEqual([]);
}, 240_000);
