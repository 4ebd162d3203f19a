import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestDatabase, testDatabase } from '../support/postgres.js';
import { Platform } from '../support/platform.js';
import { type TestClient, TestService } from '../support/service.js';
import { ERASE, send, type WireAnswer } from '../support/wire.js';

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const pages = [
  'a',
  { email: 'a@example.com' },
  'KNOWN',
  'b',
  'c',
  'KNOWN',
  { channelId: 'x', channelUserId: 'y' },
];

describe('the status of a request', () => {
  let db: TestDatabase;
  let platform: Platform;
  let service: TestService;
  let client: TestClient;
  let bot: string;

  beforeAll(async () => {
    db = await testDatabase();
    platform = new Platform(db);
    service = await TestService.start(await db.serviceUrl());
    const account = await platform.account();
    client = await service.client(account);
    bot = await platform.bot(account);
    await platform.user(account, { email: 'jane@example.com' });
  });

  afterAll(async () => {
    await service.stop();
    await db.drop();
  });

  const ask = (id: string, query = ''): Promise<WireAnswer> =>
    send(client, { method: 'GET', path: `${ERASE}/status/${id}${query}` });

  /** A request that has settled: two entries that mean Jane, five that mean nobody. */
  async function settled(): Promise<{ readonly id: string; readonly userIds: readonly unknown[] }> {
    const userIds = pages.map((entry) => (entry === 'KNOWN' ? 'jane@example.com' : entry));
    const id = await client.erase({ userIds, botIds: [bot] });
    await client.settled(id);
    return { id, userIds };
  }

  const entriesOf = ({ json }: WireAnswer): unknown[] =>
    (json['response'] as { userId: unknown }[]).map(({ userId }) => userId);

  it('tells everything that is promised, in the form that is promised', async () => {
    const sentAt = Date.now();
    const id = await client.erase({ userIds: ['nobody', 'nobody'], botIds: [bot], reference: 'case-7' });
    await client.settled(id);
    const { json } = await ask(id);
    const nobody = { userId: 'nobody', status: 'NOT_FOUND', message: expect.stringMatching(/./) };
    expect(json).toEqual({
      _id: id,
      createdOn: expect.stringMatching(ISO),
      lastUpdatedOn: expect.stringMatching(ISO),
      RemoveDataFromAllBots: false,
      status: 'completed',
      botIds: [bot],
      reference: 'case-7',
      receivedOn: expect.stringMatching(ISO),
      dueOn: expect.stringMatching(ISO),
      round: 1,
      progress: { total: 2, done: 2 },
      counts: { NOT_FOUND: 2 },
      erased: {},
      notCovered: expect.arrayContaining([
        { collection: 'platform.data_table_rows', reason: expect.stringMatching(/./) },
      ]),
      response: [nobody, nobody],
      nextCursor: null,
    });
    const [created, updated, received] = ['createdOn', 'lastUpdatedOn', 'receivedOn'].map((name) =>
      Date.parse(String(json[name])),
    );
    for (const time of [created, updated, received]) {
      expect(time).toBeGreaterThanOrEqual(sentAt - 1_000);
      expect(time).toBeLessThanOrEqual(Date.now() + 1_000);
    }
    expect(updated).toBeGreaterThanOrEqual(created ?? Infinity);
  });

  it('of all bots tells the flag and no bots', async () => {
    const id = await client.erase({
      userIds: ['nobody'],
      removeDataFromAllBots: true,
      botIds: [bot, 'junk', 7],
    });
    expect((await ask(id)).json).toMatchObject({ RemoveDataFromAllBots: true, botIds: [] });
    expect((await ask(id)).json).not.toHaveProperty('reference');
  });

  it.each([
    ['2024-01-30T10:00:00Z', '2024-01-30T10:00:00.000Z', '2024-02-29T10:00:00.000Z'],
    ['2024-01-31T10:00:00.5Z', '2024-01-31T10:00:00.500Z', '2024-02-29T10:00:00.500Z'],
    ['2023-01-31', '2023-01-31T00:00:00.000Z', '2023-02-28T00:00:00.000Z'],
    ['2023-03-31T23:59:59.999Z', '2023-03-31T23:59:59.999Z', '2023-04-30T23:59:59.999Z'],
    ['2023-12-31T12:00Z', '2023-12-31T12:00:00.000Z', '2024-01-31T12:00:00.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z', '2024-03-29T00:00:00.000Z'],
    // Where the caller is it is still March.
    ['2023-03-31T23:30:00-05:00', '2023-04-01T04:30:00.000Z', '2023-05-01T04:30:00.000Z'],
  ])('received on %s is due a month later, by the calendar', async (sent, receivedOn, dueOn) => {
    const id = await client.erase({ userIds: ['nobody'], botIds: [bot], receivedOn: sent });
    expect((await ask(id)).json).toMatchObject({ receivedOn, dueOn });
  });

  it('asks for two seconds of patience for as long as it is in progress', async () => {
    const notBefore = new Date(Date.now() + 86_400_000).toISOString();
    const id = await client.erase({ userIds: ['a', 'b'], botIds: [bot], notBefore });
    const waiting = await ask(id);
    expect(waiting.headers.get('retry-after')).toBe('2');
    expect(waiting.json).toMatchObject({
      status: 'in-progress',
      progress: { total: 2, done: 0 },
      counts: { PENDING: 2 },
      response: [
        { userId: 'a', status: 'PENDING' },
        { userId: 'b', status: 'PENDING' },
      ],
    });
    const { id: done } = await settled();
    expect((await ask(done)).headers.has('retry-after')).toBe(false);
  });

  it('was last updated when the request was, or the latest of the entries shown', async () => {
    const { id } = await settled();
    const { lastUpdatedOn } = (await ask(id)).json;
    const later = '2100-01-01T00:00:00.000Z';
    await db.run(
      'UPDATE expunge.erasure_subjects SET last_updated_on = $2 WHERE request_id = $1 AND position = 1',
      [id, later],
    );
    expect((await ask(id)).json).toMatchObject({ lastUpdatedOn: later });
    expect((await ask(id, '?limit=1')).json).toMatchObject({ lastUpdatedOn });
  });

  it('comes in pages of any size, in the order sent, with the totals on each', async () => {
    const { id, userIds } = await settled();
    expect(entriesOf(await ask(id))).toEqual(userIds);
    for (const limit of [1, 2, 3, 6, 7, 10_000]) {
      const seen: unknown[] = [];
      let cursor: string | null = null;
      let asked = 0;
      do {
        const page = await ask(id, `?limit=${limit}${cursor === null ? '' : `&cursor=${cursor}`}`);
        expect(page.json).toMatchObject({
          progress: { total: 7, done: 7 },
          counts: { SUCCESS: 2, NOT_FOUND: 5 },
        });
        seen.push(...entriesOf(page));
        cursor = page.json['nextCursor'] as string | null;
        asked += 1;
      } while (cursor !== null && asked < 20);
      expect(seen).toEqual(userIds);
      expect(asked).toBe(Math.ceil(7 / limit));
    }
  });

  it('shows entries with one status, also in pages', async () => {
    const { id, userIds } = await settled();
    const [jane, again] = ['jane@example.com', 'jane@example.com'];
    expect(entriesOf(await ask(id, '?status=SUCCESS'))).toEqual([jane, again]);
    expect(entriesOf(await ask(id, '?status=FAILED'))).toEqual([]);
    const first = await ask(id, '?status=NOT_FOUND&limit=3');
    const second = await ask(id, `?status=NOT_FOUND&limit=3&cursor=${String(first.json['nextCursor'])}`);
    expect([...entriesOf(first), ...entriesOf(second)]).toEqual(userIds.filter((entry) => entry !== jane));
    expect(second.json['nextCursor']).toBeNull();
  });

  it.each([
    ...['0', '-1', '1.5', '10001', '1e3', '0x10', ' 5', 'marked', '99999999999999999999'].map((limit) => [
      `limit=${limit}`,
      'limit',
      'something else',
    ]),
    ['limit=', 'limit', 'an empty string'],
    ['limit=1&limit=2', 'limit', 'a list of 2'],
    ...['marked', '', 'ZnJvbSAt', 'ZnJvbSBtYXJrZWQ', 'x'.repeat(3_000)].map((cursor) => [
      `cursor=${cursor}`,
      'cursor',
      'something else',
    ]),
    ['cursor=a&cursor=b', 'cursor', 'something else'],
    ...['success', 'DONE', 'marked', 'SUCCESS,FAILED', '__proto__'].map((status) => [
      `status=${status}`,
      'status',
      'something else',
    ]),
    ['status=', 'status', 'an empty string'],
    ['status=SUCCESS&status=FAILED', 'status', 'a list of 2'],
  ])('412 for ?%s', async (query, field, problem) => {
    const id = await client.erase({ userIds: ['nobody'], botIds: [bot] });
    const answer = await ask(id, `?${query}`);
    expect(answer.status).toBe(412);
    expect(answer.error).toMatchObject({
      code: 412,
      reason: 'INVALID_FIELDS',
      details: [{ field, problem }],
    });
    expect(answer.text).not.toMatch(/marked/);
  });

  it('leaves parameters alone that it does not know', async () => {
    const id = await client.erase({ userIds: ['nobody'], botIds: [bot] });
    expect((await ask(id, '?utm_source=x&_=1&a[b]=c&__proto__=1')).status).toBe(200);
  });
});
