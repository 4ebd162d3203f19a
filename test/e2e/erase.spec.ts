import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { difference, Platform } from '../support/platform.js';
import { type TestDatabase, testDatabase } from '../support/postgres.js';
import { type TestClient, TestService } from '../support/service.js';

describe('erasing', () => {
  let db: TestDatabase;
  let platform: Platform;
  let service: TestService;
  let account: string;
  let client: TestClient;
  let botA: string;
  let botB: string;

  beforeAll(async () => {
    db = await testDatabase();
    platform = new Platform(db);
    service = await TestService.start(await db.serviceUrl());
    account = await platform.account();
    [botA, botB] = [await platform.bot(account), await platform.bot(account)];
    client = await service.client(account);
  });

  afterAll(async () => {
    await service.stop();
    await db.drop();
  });

  it('erases a person everywhere and reports what was removed', async () => {
    const jane = await platform.user(account, { email: 'jane@example.com', identities: ['facebook|4477'] });
    const joe = await platform.user(account, { email: 'joe@example.com', identities: ['facebook|4488'] });
    for (const user of [jane, joe])
      for (const bot of [botA, botB, null]) await platform.conversation(user, bot);
    await platform.anonymousTrace('facebook|4477', botA);
    await platform.anonymousTrace('facebook|4488', botA);
    const before = await platform.snapshot();

    const { first, ...status } = await client.eraseAndWait({
      userIds: [jane],
      RemoveDataFromAllBots: true,
      reference: 'case-7',
    });

    expect(first).toMatchObject({ userId: jane, status: 'SUCCESS', matchedBy: ['userId'] });
    expect(status).toMatchObject({
      status: 'completed',
      reference: 'case-7',
      progress: { total: 1, done: 1 },
    });
    const erased = {
      'platform.agent_transfers': 3,
      'platform.alert_subscriptions': 3,
      'platform.analytics_events': 4,
      'platform.attachments': 3,
      'platform.debug_logs': 1,
      'platform.feedback': 3,
      'platform.messages': 7,
      'platform.oauth_tokens': 3,
      'platform.sessions': 3,
      'platform.user_context': 2,
      'platform.user_identities': 1,
      'platform.users': 1,
    };
    expect(first.erased).toEqual(erased);
    expect(status.erased).toEqual(erased);
    const changes = difference(before, await platform.snapshot());
    expect(changes).toEqual({
      ...Object.fromEntries(
        Object.entries(erased).map(([name, gone]) => [name.replace('platform.', ''), { gone, came: 0 }]),
      ),
      analytics_events: { gone: 4, came: 4 },
    });
    expect(
      await platform.count(
        'analytics_events',
        `user_id IS NULL AND channel_id IS NULL AND properties = '{}'`,
      ),
    ).toBe(4);
  });

  it('spares other bots when bots are named', async () => {
    const jane = await platform.user(account, {
      identities: [
        ['facebook|55', botA],
        ['facebook|55', botB],
      ],
    });
    for (const bot of [botA, botB, null]) await platform.conversation(jane, bot);
    for (const bot of [botA, botB]) await platform.anonymousTrace('facebook|55', bot);
    const { first } = await client.eraseAndWait({ userIds: [jane], botIds: [botA] });
    expect(first.status).toBe('SUCCESS');
    for (const table of ['sessions', 'messages', 'feedback', 'user_context', 'attachments'])
      expect([table, await platform.count(table, 'user_id = $1 AND bot_id = $2', [jane, botA])]).toEqual([
        table,
        0,
      ]);
    expect(await platform.count('messages', 'user_id = $1 AND bot_id = $2', [jane, botB])).toBe(2);
    expect(await platform.count('messages', 'user_id = $1 AND bot_id IS NULL', [jane])).toBe(2);
    expect(await platform.count('debug_logs', `identity = 'facebook/55'`)).toBe(1);
    expect(await platform.count('users', 'id = $1', [jane])).toBe(1);
    expect(await platform.count('user_identities', 'user_id = $1', [jane])).toBe(1);
  });
});
