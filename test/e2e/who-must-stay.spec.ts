import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { difference, Platform } from '../support/platform.js';
import { type TestDatabase, testDatabase } from '../support/postgres.js';
import { type TestClient, TestService } from '../support/service.js';

describe('who must stay', () => {
  let db: TestDatabase;
  let platform: Platform;
  let service: TestService;
  let account: string;
  let theirs: string;
  let client: TestClient;
  let bot: string;

  beforeAll(async () => {
    db = await testDatabase();
    platform = new Platform(db);
    // Small transactions: someone can become protected between two of them.
    service = await TestService.start(await db.serviceUrl(), { chunkRows: 1, chunkMs: 0 });
    [account, theirs] = [await platform.account(), await platform.account()];
    bot = await platform.bot(account);
    client = await service.client(account);
  });

  afterAll(async () => {
    await service.stop();
    await db.drop();
  });

  it.each([
    ['ACCOUNT_OWNER', (user: string) => platform.accountRole(account, user, 'owner')],
    ['ACCOUNT_MEMBER', (user: string) => platform.accountRole(account, user, 'member')],
    ['BOT_OWNER', (user: string) => platform.botRole(bot, user, 'owner')],
    ['BOT_CO_DEVELOPER', (user: string) => platform.botRole(bot, user, 'co-developer')],
    ['PLATFORM_ROLE', (user: string) => platform.accountRole(theirs, user, 'member')],
    ['PLATFORM_ROLE', async (user: string) => platform.botRole(await platform.bot(theirs), user, 'owner')],
  ])('%s', async (reason, give) => {
    const user = await platform.user(account, { email: `${reason.toLowerCase()}@example.com` });
    await platform.conversation(user, bot);
    await give(user);
    const before = await platform.snapshot();
    const { response, status } = await client.eraseAndWait({
      userIds: [user, { userId: user }],
      RemoveDataFromAllBots: true,
    });
    expect(response[0]).toMatchObject({ status: 'PROTECTED', reason });
    expect(response[0]?.message).toMatch(/send the call again/);
    expect(response[1]).toMatchObject({ status: 'PROTECTED', reason, sameAs: 0 });
    expect(status).toBe('failed');
    expect(difference(before, await platform.snapshot())).toEqual({});
    await db.run('DELETE FROM platform.users u WHERE id = $1 AND false', [user]);
    await db.run('DELETE FROM platform.account_members WHERE user_id = $1', [user]);
    await db.run('DELETE FROM platform.bot_members WHERE user_id = $1', [user]);
    await db.run(`UPDATE platform.users SET email = NULL WHERE id = $1`, [user]);
  });

  it('does not fail the others for one who must stay', async () => {
    const owner = await platform.user(account);
    await platform.accountRole(account, owner, 'owner');
    const jane = await platform.user(account);
    const { response, status } = await client.eraseAndWait({
      userIds: [owner, jane],
      RemoveDataFromAllBots: true,
    });
    expect(response.map((subject) => subject.status)).toEqual(['PROTECTED', 'SUCCESS']);
    expect(status).toBe('partial');
  });

  it('a person found by value who holds a role somewhere', async () => {
    const foreigner = await platform.user(theirs);
    await platform.accountRole(theirs, foreigner, 'owner');
    await platform.conversation(foreigner, bot);
    const before = await platform.snapshot();
    const { first } = await client.eraseAndWait({ userIds: [foreigner], botIds: [bot] });
    expect(first).toMatchObject({ status: 'PROTECTED', reason: 'PLATFORM_ROLE' });
    expect(difference(before, await platform.snapshot())).toEqual({});
  });

  it('someone who becomes co-developer while being erased: nothing goes after that commit', async () => {
    const user = await platform.user(account);
    for (let n = 0; n < 30; n += 1) await platform.conversation(user, null);
    const requestId = await client.erase({ userIds: [user], RemoveDataFromAllBots: true });
    await client.until(requestId, ({ response }) => Object.keys(response[0]?.erased ?? {}).length > 0);
    await platform.botRole(bot, user, 'co-developer');
    const atCommit = await platform.snapshot();
    const { response } = await client.settled(requestId);
    expect(response[0]).toMatchObject({
      status: 'PROTECTED',
      reason: 'BOT_CO_DEVELOPER',
      partlyErased: true,
    });
    expect(difference(atCommit, await platform.snapshot())).toEqual({});
    expect(await platform.count('users', 'id = $1', [user])).toBe(1);
  });

  it('someone who is being made co-developer while their rows are about to go: erasing waits for that commit', async () => {
    const user = await platform.user(account);
    await platform.conversation(user, bot);
    const before = await platform.snapshot();
    const admin = db.dataSource.createQueryRunner();
    await admin.startTransaction();
    await admin.query('INSERT INTO platform.bot_members (bot_id, user_id, role) VALUES ($1, $2, $3)', [
      bot,
      user,
      'co-developer',
    ]);
    const requestId = await client.erase({ userIds: [user], RemoveDataFromAllBots: true });
    try {
      await eventually('erasing waits for memberships', async () => {
        const [row] = await db.run<{ waiting: number }>(
          `SELECT count(*)::int AS waiting FROM pg_stat_activity
           WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'LOCK TABLE%bot_members%'`,
        );
        return row?.waiting === 1;
      });
      expect(difference(before, await platform.snapshot())).toEqual({});
    } finally {
      await admin.commitTransaction();
      await admin.release();
    }
    const { response } = await client.settled(requestId);
    expect(response[0]).toMatchObject({ status: 'PROTECTED', reason: 'BOT_CO_DEVELOPER' });
    expect(response[0]).not.toHaveProperty('partlyErased');
    expect(difference(before, await platform.snapshot())).toEqual({
      bot_members: { gone: 0, came: 1 },
    });
  });
});
