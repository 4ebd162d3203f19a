import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { difference, Platform } from '../support/platform.js';
import { type TestDatabase, testDatabase } from '../support/postgres.js';
import { type TestClient, TestService } from '../support/service.js';

describe('rows of others', () => {
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

  it('page-scoped ids: rows go only in the bot for which the identity counts', async () => {
    const jane = await platform.user(account, { identities: [['facebook|4477', botA]] });
    await platform.user(account, { identities: [['facebook|4477', botB]] });
    for (const bot of [botA, botB]) await platform.anonymousTrace('facebook|4477', bot);
    const before = await platform.snapshot();
    const { first } = await client.eraseAndWait({ userIds: [jane], RemoveDataFromAllBots: true });
    expect(first.status).toBe('SUCCESS');
    expect(difference(before, await platform.snapshot())).toEqual({
      analytics_events: { gone: 1, came: 1 },
      debug_logs: { gone: 1, came: 0 },
      messages: { gone: 1, came: 0 },
      user_identities: { gone: 1, came: 0 },
      users: { gone: 1, came: 0 },
    });
    expect(await platform.count('debug_logs', 'bot_id = $1', [botB])).toBe(1);
  });

  it('an identity of two people in one bot ties no row to anyone', async () => {
    const jane = await platform.user(account, { identities: [['line|shared', botA]] });
    const joe = await platform.user(account, { identities: ['line|shared'] });
    await platform.conversation(jane, botA);
    await platform.anonymousTrace('line|shared', botA);
    const before = await platform.snapshot();
    const { first } = await client.eraseAndWait({ userIds: [jane], RemoveDataFromAllBots: true });
    expect(first).toMatchObject({ status: 'FAILED', reason: 'SHARED_IDENTITY', partlyErased: true });
    const changes = difference(before, await platform.snapshot());
    // What is tied otherwise is erased, the directory stays, and nothing goes by the shared identity.
    expect(changes['messages']).toEqual({ gone: 2, came: 0 });
    expect(changes['debug_logs']).toBeUndefined();
    expect(changes['users']).toBeUndefined();
    expect(changes['user_identities']).toBeUndefined();
    expect(await platform.count('messages', `channel_user_id = 'shared'`)).toBe(1);
    expect(await platform.count('users', 'id IN ($1, $2)', [jane, joe])).toBe(2);
  });

  it('a shared identity that no row carries is ignored', async () => {
    const jane = await platform.user(account, { identities: ['line|silent'] });
    await platform.user(account, { identities: ['line|silent'] });
    const { first } = await client.eraseAndWait({ userIds: [jane], RemoveDataFromAllBots: true });
    expect(first.status).toBe('SUCCESS');
    expect(await platform.count('user_identities', `channel_user_id = 'silent'`)).toBe(1);
  });

  it('pairs that are one string when joined: nothing is erased by the string', async () => {
    const jane = await platform.user(account, { identities: ['5f1e/genesys|conv-9'] });
    await platform.user(account, { identities: ['5f1e|genesys/conv-9'] });
    await platform.anonymousTrace('5f1e/genesys|conv-9', botA);
    const { first } = await client.eraseAndWait({ userIds: [{ userId: jane }], botIds: [botA] });
    expect(first).toMatchObject({ status: 'FAILED', reason: 'SHARED_IDENTITY' });
    expect(first.erased).toEqual({ 'platform.analytics_events': 1, 'platform.messages': 1 });
    expect(await platform.count('debug_logs', `identity = '5f1e/genesys/conv-9'`)).toBe(1);
  });

  it('an anonymous pair whose joined form another visitor left too', async () => {
    await platform.anonymousTrace('a/b|c-1', botB);
    await platform.anonymousTrace('a|b/c-1', botB);
    const plain = await client.eraseAndWait({ userIds: ['a/b/c-1'], botIds: [botB] });
    expect(plain.first.status).toBe('AMBIGUOUS');
    const typed = await client.eraseAndWait({
      userIds: [{ channelId: 'a/b', channelUserId: 'c-1' }],
      botIds: [botB],
    });
    expect(typed.first).toMatchObject({ status: 'FAILED', reason: 'SHARED_IDENTITY' });
    expect(await platform.count('debug_logs', `identity = 'a/b/c-1'`)).toBe(2);
    expect(await platform.count('messages', `channel_id = 'a' AND channel_user_id = 'b/c-1'`)).toBe(1);
    expect(await platform.count('messages', `channel_id = 'a/b' AND channel_user_id = 'c-1'`)).toBe(0);
  });

  it('two people and an agent in one session: the session is overwritten, rows of the others stay', async () => {
    const [jane, joe] = [await platform.user(account), await platform.user(account)];
    const session = await platform.conversation(jane, botA);
    await platform.insert('messages', {
      session_id: session,
      bot_id: botA,
      user_id: joe,
      body: { text: 'me too' },
    });
    await platform.insert('messages', {
      session_id: session,
      bot_id: botA,
      user_id: null,
      body: { text: 'agent' },
    });
    const before = await platform.snapshot();
    const { first } = await client.eraseAndWait({ userIds: [jane], RemoveDataFromAllBots: true });
    expect(first.status).toBe('SUCCESS');
    expect(first.erased).toMatchObject({ 'platform.sessions': 1, 'platform.messages': 2 });
    const changes = difference(before, await platform.snapshot());
    expect(changes['sessions']).toEqual({ gone: 1, came: 1 });
    expect(changes['messages']).toEqual({ gone: 2, came: 0 });
    const [row] = await db.run<object>(
      'SELECT user_id, channel_id, tags, bot_id FROM platform.sessions WHERE id = $1',
      [session],
    );
    expect(row).toEqual({ user_id: null, channel_id: null, tags: {}, bot_id: botA });
  });

  it("a message on which another person's attachment hangs: SHARED_WITH_OTHERS, at once", async () => {
    const [jane, joe] = [await platform.user(account), await platform.user(account)];
    const message = await platform.insert('messages', { bot_id: botA, user_id: jane });
    await platform.insert('attachments', { bot_id: botA, user_id: joe, message_id: message });
    const { first } = await client.eraseAndWait({ userIds: [jane], RemoveDataFromAllBots: true });
    expect(first).toMatchObject({ status: 'FAILED', reason: 'SHARED_WITH_OTHERS' });
    expect(await platform.count('messages', 'id = $1', [message])).toBe(1);
    expect(await platform.count('attachments', 'user_id = $1', [joe])).toBe(1);
    expect(await platform.count('users', 'id = $1', [jane])).toBe(1);
    const [{ rounds } = { rounds: -1 }] = await db.run<{ rounds: number }>(
      `SELECT count(*)::int AS rounds FROM expunge.erasure_batches b
       JOIN expunge.erasure_requests r ON r.id = b.request_id WHERE b.attempts > 0`,
    );
    expect(rounds).toBe(0);
  });

  it('rows of a bot that is gone, or of none, under all bots: by user id gone, by identity named in notCovered', async () => {
    const jane = await platform.user(account, { identities: ['web|gone-1'] });
    for (const bot of ['st-deleted-last-year', null]) {
      await platform.conversation(jane, bot);
      await platform.anonymousTrace('web|gone-1', bot);
    }
    const { first, notCovered } = await client.eraseAndWait({ userIds: [jane], RemoveDataFromAllBots: true });
    expect(first.status).toBe('SUCCESS');
    expect(await platform.count('messages', 'user_id = $1', [jane])).toBe(0);
    expect(await platform.count('debug_logs', `identity = 'web/gone-1'`)).toBe(2);
    expect(notCovered.map(({ collection }) => collection)).toEqual(
      expect.arrayContaining(['platform.data_table_rows', 'platform.debug_logs', 'platform.messages']),
    );
  });
});
