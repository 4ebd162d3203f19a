import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { atFaultPoint } from '../support/at-fault-point.js';
import { Platform } from '../support/platform.js';
import { type TestDatabase, testDatabase } from '../support/postgres.js';
import { type TestClient, TestService } from '../support/service.js';

/** A schema beside the sample's, whose rows are tied by what a directory gives to one user after the other. */
const letters = `
  crm:
    kind: postgres
    url: \${DATABASE_URL}
    schema: crm
    collections:
      letters: { ties: [{ email: email }, { enterpriseId: enterprise_id }], bot: bot_id, erase: delete }
`;

describe('an email address or enterprise id that was passed on between planning and erasing', () => {
  let db: TestDatabase;
  let place: string;
  let platform: Platform;
  let service: TestService;
  let account: string;
  let bot: string;
  let client: TestClient;

  beforeAll(async () => {
    db = await testDatabase();
    place = await mkdtemp(join(tmpdir(), 'passed-on-'));
    const dataMapPath = join(place, 'data-map.yaml');
    await writeFile(dataMapPath, (await readFile('data-map.yaml', 'utf8')) + letters);
    for (const statement of [
      'CREATE SCHEMA crm',
      'CREATE TABLE crm.letters (id bigserial PRIMARY KEY, bot_id text, email text, enterprise_id text)',
      'CREATE INDEX ON crm.letters (lower(email COLLATE "und-x-icu"))',
      'CREATE INDEX ON crm.letters (enterprise_id)',
    ])
      await db.run(statement);
    service = await TestService.start(await db.serviceUrl({ dataMapPath }), { dataMapPath });
    platform = new Platform(db);
    account = await platform.account();
    bot = await platform.bot(account);
    client = await service.client(account);
  });

  afterAll(async () => {
    await service.stop();
    await db.drop();
    await rm(place, { recursive: true });
  });

  const write = async (email: string | null, enterpriseId: string | null): Promise<void> => {
    await db.run('INSERT INTO crm.letters (bot_id, email, enterprise_id) VALUES ($1, $2, $3)', [
      bot,
      email,
      enterpriseId,
    ]);
  };
  const lettersLeft = async (of: string): Promise<number> => {
    const [row] = await db.run<{ rows: number }>(
      'SELECT count(*)::int AS rows FROM crm.letters WHERE email ILIKE $1 OR enterprise_id = $1',
      [of],
    );
    return row?.rows ?? 0;
  };

  /** Erases them; between their planning and the first erasing transaction, `happen`. */
  async function eraseAround(userIds: readonly string[], happen: () => Promise<unknown>) {
    const happened = atFaultPoint('finish-planning:before-commit', happen);
    const report = client.eraseAndWait({ userIds, botIds: [bot] });
    await happened;
    return (await report).first;
  }

  it.each([
    ['email', 'jane@example.com', 'JANE@example.com'],
    ['enterprise id', 'E-1042', 'E-1042'],
  ])(
    "%s: the rows may be the new holder's and stay, what is tied otherwise goes",
    async (what, key, asWritten) => {
      const column = what === 'email' ? 'email' : 'enterprise_id';
      const jane = await platform.user(account, what === 'email' ? { email: key } : { enterpriseId: key });
      await platform.conversation(jane, bot);
      await (what === 'email' ? write(key, null) : write(null, key));
      const first = await eraseAround([jane], async () => {
        await db.run(`UPDATE platform.users SET ${column} = NULL WHERE id = $1`, [jane]);
        await platform.user(account, what === 'email' ? { email: asWritten } : { enterpriseId: asWritten });
      });
      expect(first).toMatchObject({ status: 'FAILED', reason: 'SHARED_IDENTITY', partlyErased: true });
      expect(await lettersLeft(key)).toBe(1);
      expect(await platform.count('messages', 'user_id = $1', [jane])).toBe(0);
    },
  );

  it('a visitor who has become a user of the directory is not erased as a visitor', async () => {
    await write('boss@example.com', null);
    const first = await eraseAround(['boss@example.com'], async () => {
      const boss = await platform.user(account, { email: 'Boss@example.com' });
      await platform.botRole(bot, boss, 'owner');
    });
    expect(first).toMatchObject({ status: 'FAILED', reason: 'SHARED_IDENTITY' });
    expect(await lettersLeft('boss@example.com')).toBe(1);
  });

  it('one that nobody else has got is erased by', async () => {
    const joe = await platform.user(account, { email: 'joe@example.com', enterpriseId: 'E-7' });
    await write('JOE@example.com', null);
    await write(null, 'E-7');
    const other = await platform.account();
    const first = await eraseAround([joe], () =>
      platform.user(other, { email: 'joe@example.com', enterpriseId: 'E-7' }),
    );
    expect(first).toMatchObject({ status: 'SUCCESS', erased: { 'crm.letters': 2 } });
  });
});
