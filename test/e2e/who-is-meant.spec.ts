import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { difference, Platform } from '../support/platform.js';
import { type TestDatabase, testDatabase } from '../support/postgres.js';
import { type TestClient, TestService } from '../support/service.js';

describe('who is meant', () => {
  let db: TestDatabase;
  let platform: Platform;
  let service: TestService;
  let account: string;
  let client: TestClient;
  let bot: string;
  let otherBot: string;

  beforeAll(async () => {
    // A database of the C locale, where lower() knows ASCII only.
    db = await testDatabase();
    platform = new Platform(db);
    service = await TestService.start(await db.serviceUrl());
    account = await platform.account();
    [bot, otherBot] = [await platform.bot(account), await platform.bot(account)];
    client = await service.client(account);
  });

  afterAll(async () => {
    await service.stop();
    await db.drop();
  });

  const inAllBots = (...userIds: unknown[]) => ({ userIds, RemoveDataFromAllBots: true });

  it.each([
    ['a u-id', (id: string) => id, ['userId']],
    ['an email', () => 'Kim.1@example.com', ['email']],
    ['an email in other letter case', () => 'KIM.1@EXAMPLE.COM', ['email']],
    ['an enterprise id', () => 'E-1042', ['enterpriseId']],
    ['a bare channel user id', () => '+15550001', ['channelUserId']],
    ['a pair', () => 'sms-5f1e/+15550001', ['identity']],
    ['a pair of three segments', () => '5f1e/genesys/conv-1', ['identity']],
    ['a typed user id', (id: string) => ({ userId: id }), ['userId']],
    ['a typed email', () => ({ email: 'kim.1@example.COM' }), ['email']],
    ['a typed enterprise id', () => ({ enterpriseId: 'E-1042' }), ['enterpriseId']],
    ['a typed identity', () => ({ channelId: '5f1e/genesys', channelUserId: 'conv-1' }), ['identity']],
  ])('is found by %s', async (_name, entryFor, matchedBy) => {
    const kim = await platform.user(account, {
      email: 'Kim.1@example.com',
      enterpriseId: 'E-1042',
      identities: ['sms-5f1e|+15550001', '5f1e/genesys|conv-1'],
    });
    await platform.conversation(kim, bot);
    const entry: unknown = entryFor(kim);
    const { first } = await client.eraseAndWait(inAllBots(entry));
    expect(first).toMatchObject({ userId: entry, status: 'SUCCESS', matchedBy });
    expect(await platform.count('users', 'id = $1', [kim])).toBe(0);
    expect(await platform.count('messages', 'user_id = $1', [kim])).toBe(0);
  });

  it.each([
    ['JÖRG@EXAMPLE.COM', 'jörg@example.com'],
    ['ΣΊΣΥΦΟΣ@example.com', 'σίσυφος@example.com'],
    ['straẞe@example.com', 'STRAßE@example.com'],
    ['ŁÓDŹ@example.com', 'łódź@example.com'],
  ])('folds letter case by full Unicode rules: %s', async (stored, sent) => {
    const user = await platform.user(account, { email: stored });
    const { first } = await client.eraseAndWait(inAllBots(sent));
    expect(first).toMatchObject({ status: 'SUCCESS', matchedBy: ['email'] });
    expect(await platform.count('users', 'id = $1', [user])).toBe(0);
  });

  it('folds nothing but emails, and nothing that is another letter', async () => {
    await platform.user(account, { email: 'istanbul@example.com', enterpriseId: 'Case-1' });
    const { response } = await client.eraseAndWait(inAllBots('ıstanbul@example.com', 'CASE-1'));
    expect(response.map(({ status }) => status)).toEqual(['NOT_FOUND', 'NOT_FOUND']);
  });

  it('erases nobody by an entry that fits several, and says what settles it', async () => {
    const named = await platform.user(account, { enterpriseId: 'dup-1' });
    const other = await platform.user(account, { identities: ['slack|dup-1'] });
    const before = await platform.snapshot();
    const { first, status } = await client.eraseAndWait(inAllBots('dup-1'));
    expect(first).toMatchObject({ status: 'AMBIGUOUS', reason: 'MATCHES_SEVERAL_USERS' });
    expect(first.message).toMatch(
      /enterprise id.*channel user id.*\{"enterpriseId"\} or \{"channelId", "channelUserId"\}/,
    );
    expect(first.message).not.toMatch(new RegExp(`${named}|${other}`));
    expect(status).toBe('failed');
    expect(difference(before, await platform.snapshot())).toEqual({});

    const typed = await client.eraseAndWait(inAllBots({ enterpriseId: 'dup-1' }));
    expect(typed.first.status).toBe('SUCCESS');
    expect(await platform.count('users', 'id IN ($1, $2)', [named, other])).toBe(1);
    expect(await platform.count('users', 'id = $1', [other])).toBe(1);
  });

  it.each([
    [
      "a u-id that is somebody's enterprise id",
      async () => {
        const user = await platform.user(account);
        await platform.user(account, { enterpriseId: user });
        return { plain: user, typed: { userId: user } };
      },
    ],
    [
      'an email that a visitor chose as channel user id',
      async () => {
        await platform.user(account, { email: 'chosen@example.com' });
        await platform.user(account, { identities: ['rtm|chosen@example.com'] });
        return { plain: 'chosen@example.com', typed: { email: 'chosen@example.com' } };
      },
    ],
    [
      'two pairs that are one string when joined',
      async () => {
        await platform.user(account, { identities: ['5f1e/genesys|conv-9'] });
        await platform.user(account, { identities: ['5f1e|genesys/conv-9'] });
        return {
          plain: '5f1e/genesys/conv-9',
          typed: { channelId: '5f1e', channelUserId: 'genesys/conv-9' },
        };
      },
    ],
    [
      'a page-scoped id of two people, whatever bot is named',
      async () => {
        const jane = await platform.user(account, { identities: [['facebook|900', bot]] });
        await platform.user(account, { identities: [['facebook|900', otherBot]] });
        return { plain: 'facebook/900', typed: { userId: jane } };
      },
    ],
  ])('calls %s ambiguous; the typed form settles it', async (_name, arrange) => {
    const { plain, typed } = await arrange();
    const ambiguous = await client.eraseAndWait({ userIds: [plain], botIds: [bot] });
    expect(ambiguous.first).toMatchObject({ status: 'AMBIGUOUS', reason: 'MATCHES_SEVERAL_USERS' });
    const settled = await client.eraseAndWait({ userIds: [typed], botIds: [bot] });
    expect(settled.first.status).toBe('SUCCESS');
  });

  it('does a person once who is named several times, and reports each', async () => {
    const ann = await platform.user(account, { email: 'ann@example.com', identities: ['slack|ann'] });
    await platform.conversation(ann, bot);
    const { response, ...status } = await client.eraseAndWait(
      inAllBots('nobody', ann, 'ann@example.com', 'slack/ann'),
    );
    expect(response.map(({ status: own, sameAs }) => [own, sameAs])).toEqual([
      ['NOT_FOUND', undefined],
      ['SUCCESS', undefined],
      ['SUCCESS', 1],
      ['SUCCESS', 1],
    ]);
    expect(response[2]).not.toHaveProperty('erased');
    expect(status.erased).toEqual(response[1]?.erased);
    expect(status).toMatchObject({
      status: 'completed',
      counts: { SUCCESS: 3, NOT_FOUND: 1 },
      progress: { total: 4, done: 4 },
    });
  });

  it('does a person once also where entries are planned apart and batches hold one person each', async () => {
    const narrow = await TestService.start(service.databaseUrl, {
      ...service.settings,
      planPageEntries: 1,
      batchPersons: 1,
    });
    const bea = await platform.user(account, { email: 'bea@example.com', identities: ['slack|bea'] });
    await platform.conversation(bea, bot);
    const caller = await narrow.client(account);
    const requestId = await caller.erase(
      inAllBots(bea, 'nobody', 'BEA@example.com', { channelId: 'slack', channelUserId: 'bea' }),
    );
    const { response, erased } = await caller.settled(requestId);
    await narrow.stop();
    expect(response.map(({ status, sameAs }) => [status, sameAs])).toEqual([
      ['SUCCESS', undefined],
      ['NOT_FOUND', undefined],
      ['SUCCESS', 0],
      ['SUCCESS', 0],
    ]);
    expect(erased).toMatchObject({ 'platform.messages': 2, 'platform.users': 1 });
    expect(erased).toEqual(response[0]?.erased);
    const batches = 'SELECT FROM expunge.erasure_batches WHERE request_id = $1';
    expect(await db.run(batches, [requestId])).toHaveLength(1);
  });

  it('finds those whom no directory knows by value, in the covered bots', async () => {
    await platform.anonymousTrace('web|visitor-1', bot);
    await platform.anonymousTrace('web|visitor-1', otherBot);
    const gone = await platform.conversation('u-gone', bot);
    const before = await platform.snapshot();
    const { response } = await client.eraseAndWait({ userIds: ['web/visitor-1', 'u-gone'], botIds: [bot] });
    expect(response.map(({ status, reason, matchedBy }) => [status, reason, matchedBy])).toEqual([
      ['SUCCESS', 'NOT_IN_DIRECTORY', ['identity']],
      ['SUCCESS', 'NOT_IN_DIRECTORY', ['userId']],
    ]);
    expect(await platform.count('sessions', 'id = $1', [gone])).toBe(0);
    const changes = difference(before, await platform.snapshot());
    expect(changes['debug_logs']).toEqual({ gone: 1, came: 0 });
    expect(changes['messages']).toEqual({ gone: 3, came: 0 });
    expect(changes['analytics_events']).toEqual({ gone: 2, came: 2 });

    const bare = await client.eraseAndWait({ userIds: ['visitor-1'], botIds: [otherBot] });
    expect(bare.first).toMatchObject({
      status: 'SUCCESS',
      reason: 'NOT_IN_DIRECTORY',
      matchedBy: ['channelUserId'],
    });
    expect(await platform.count('debug_logs', `identity = 'web/visitor-1'`)).toBe(0);
  });

  it('calls a bare channel user id found under several channels ambiguous', async () => {
    await platform.anonymousTrace('web|visitor-2', bot);
    await platform.anonymousTrace('line|visitor-2', bot);
    const before = await platform.snapshot();
    const { first } = await client.eraseAndWait({ userIds: ['visitor-2'], botIds: [bot] });
    expect(first).toMatchObject({ status: 'AMBIGUOUS', matchedBy: ['channelUserId'] });
    expect(difference(before, await platform.snapshot())).toEqual({});
  });

  it('looks for a value in the bots that the request covers alone', async () => {
    await platform.anonymousTrace('web|visitor-3', otherBot);
    const { first } = await client.eraseAndWait({ userIds: ['web/visitor-3'], botIds: [bot] });
    expect(first.status).toBe('NOT_FOUND');
    expect(await platform.count('debug_logs', `identity = 'web/visitor-3'`)).toBe(1);
  });

  describe('of an id with a great many slashes', () => {
    const slashes = (name: string, count = 40) => `${name}${'/s'.repeat(count)}`;
    const tooMany = { status: 'AMBIGUOUS', reason: 'TOO_MANY_READINGS' };

    it('asks for a form that says where the channel ends, and erases nobody meanwhile', async () => {
      const id = slashes('visitor-4');
      await platform.anonymousTrace(`web|${id}`, bot);
      const before = await platform.snapshot();
      const { response } = await client.eraseAndWait({
        userIds: [`web/${id}`, id, slashes('nobody'), slashes('few', 15)],
        botIds: [bot],
      });
      expect(response.slice(0, 3)).toMatchObject([tooMany, tooMany, tooMany]);
      expect(response[0]?.message).toContain('{"channelId", "channelUserId"}');
      expect(response[3]).toMatchObject({ status: 'NOT_FOUND' });
      expect(difference(before, await platform.snapshot())).toEqual({});

      const typed = await client.eraseAndWait({
        userIds: [{ channelId: 'web', channelUserId: id }],
        botIds: [bot],
      });
      expect(typed.first).toMatchObject({ status: 'SUCCESS', reason: 'NOT_IN_DIRECTORY' });
      const changes = difference(before, await platform.snapshot());
      expect(changes['debug_logs']).toEqual({ gone: 1, came: 0 });
      expect(changes['messages']).toEqual({ gone: 1, came: 0 });
    });

    it('finds whoever the directory knows by it', async () => {
      const id = slashes('known');
      const lee = await platform.user(account, { identities: [`web|${id}`] });
      const kay = await platform.user(account, { identities: [`sms|${slashes('bare')}`] });
      const { response } = await client.eraseAndWait(inAllBots(`web/${id}`, slashes('bare')));
      expect(response.map(({ status, matchedBy }) => [status, matchedBy])).toEqual([
        ['SUCCESS', ['identity']],
        ['SUCCESS', ['channelUserId']],
      ]);
      expect(await platform.count('users', 'id IN ($1, $2)', [lee, kay])).toBe(0);
    });

    it("leaves joined rows that may be somebody else's, and those of which there is no time to find out", async () => {
      const typed = (name: string, count = 40) => ({ channelId: 'web', channelUserId: slashes(name, count) });
      await platform.anonymousTrace(`web|${slashes('twin')}`, bot);
      await platform.anonymousTrace(`web/${slashes('twin', 39)}|s`, bot);
      const shared = { status: 'FAILED', reason: 'SHARED_IDENTITY' };
      const twin = await client.eraseAndWait({ userIds: [typed('twin')], botIds: [bot] });
      expect(twin.first).toMatchObject(shared);

      const many = Array.from({ length: 50 }, (_, n) => typed(`v${n}`, 250));
      for (const { channelId, channelUserId } of many)
        await platform.anonymousTrace(`${channelId}|${channelUserId}`, bot);
      const { response } = await client.eraseAndWait({ userIds: many, botIds: [bot] });
      const clean = response.filter(({ status }) => status === 'SUCCESS').length;
      expect(clean).toBe(39);
      expect(response.filter(({ status }) => status !== 'SUCCESS')).toMatchObject(
        Array.from({ length: 11 }, () => shared),
      );
      const again = response.flatMap(({ status }, n) => (status === 'FAILED' ? [many[n]] : []));
      const settled = await client.eraseAndWait({ userIds: again, botIds: [bot] });
      expect(new Set(settled.response.map(({ status }) => status))).toEqual(new Set(['SUCCESS']));
    });
  });

  it("never matches, counts or changes what is another account's", async () => {
    const theirs = await platform.account();
    const theirBot = await platform.bot(theirs);
    const twin = { email: 'twin@example.com', enterpriseId: 'twin-1', identities: ['facebook|twin'] };
    const there = await platform.user(theirs, twin);
    await platform.conversation(there, theirBot);
    await platform.conversation(there, null);
    await platform.anonymousTrace('facebook|twin', theirBot);
    const here = await platform.user(account, twin);
    await platform.conversation(here, bot);
    await platform.conversation(here, theirBot);
    const before = await platform.snapshot();
    const { first } = await client.eraseAndWait(inAllBots('twin@example.com'));
    expect(first.status).toBe('SUCCESS');
    // A row of another account's bot stays, whoever it is about.
    expect(await platform.count('messages', 'user_id = $1', [here])).toBe(2);
    expect(await platform.count('messages', 'user_id = $1', [there])).toBe(4);
    const after = await platform.snapshot();
    expect(difference(before, after)['debug_logs']).toBeUndefined();
    expect(await platform.count('users', 'id = $1', [there])).toBe(1);
    expect(await platform.count('user_identities', 'user_id = $1', [there])).toBe(1);

    const foreign = await client.eraseAndWait(inAllBots(there));
    expect(foreign.first.status).toBe('NOT_FOUND');
  });
});
