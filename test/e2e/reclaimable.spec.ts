import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { Platform } from '../support/platform.js';
import { type TestDatabase, testDatabase } from '../support/postgres.js';
import { type TestClient, TestService } from '../support/service.js';
import { until } from '../support/until.js';

describe('when the space of erased rows became free', () => {
  let db: TestDatabase;
  let platform: Platform;
  let service: TestService;
  let client: TestClient;
  let account: string;
  let bot: string;

  beforeAll(async () => {
    db = await testDatabase();
    platform = new Platform(db);
    account = await platform.account();
    bot = await platform.bot(account);
    service = await TestService.start(await db.serviceUrl());
    client = await service.client(account);
  });

  afterAll(async () => {
    await service.stop();
    await db.drop();
  });

  let user: string;
  beforeEach(async () => {
    user = await platform.user(account, { email: `${Math.random()}@example.com` });
    await platform.conversation(user, bot);
  });

  async function erased(): Promise<string> {
    const requestId = await client.erase({ userIds: [{ userId: user }], RemoveDataFromAllBots: true });
    await client.settled(requestId);
    return requestId;
  }

  it('is told for each collection beside erasedOn, once vacuum has been', async () => {
    const requestId = await erased();
    const before = await client.until(requestId, ({ response: [entry] }) =>
      Object.values(entry?.notReclaimable ?? {}).every((reason) => reason === 'BELOW_AUTOVACUUM_THRESHOLD'),
    );
    const [entry] = before.response;
    const collections = Object.keys(entry?.erased ?? {}).toSorted();
    expect(Object.keys(entry?.reclaimableSince ?? {}).toSorted()).toEqual(collections);
    expect(Object.keys(entry?.notReclaimable ?? {}).toSorted()).toEqual(collections);
    expect(new Set(Object.values(entry?.reclaimableSince ?? {}))).toEqual(new Set([null]));
    await db.run('VACUUM platform.messages');
    // Overwritten rows leave what they were behind as deleted ones do.
    await db.run('VACUUM platform.analytics_events');
    const after = await client.until(
      requestId,
      ({ response: [now] }) => Object.keys(now?.notReclaimable ?? {}).length === collections.length - 2,
    );
    const [now] = after.response;
    for (const name of ['platform.messages', 'platform.analytics_events']) {
      const since = now?.reclaimableSince?.[name];
      expect(Date.parse(since ?? '')).toBeGreaterThanOrEqual(Date.parse(now?.erasedOn ?? ''));
      expect(now?.notReclaimable).not.toHaveProperty([name]);
    }
    await db.run('VACUUM');
    const all = await client.until(requestId, ({ response: [last] }) => last?.notReclaimable === undefined);
    expect(Object.values(all.response[0]?.reclaimableSince ?? {})).not.toContain(null);
    // A later vacuum is not the first one.
    const first = all.response[0]?.reclaimableSince;
    const later = await erased();
    await until(async () => {
      await db.run('VACUUM');
      const { body } = await client.status(later);
      return body.response[0]?.notReclaimable === undefined;
    });
    expect((await client.status(requestId)).body.response[0]?.reclaimableSince).toEqual(first);
  });

  it('is null while a snapshot sees the rows, with that as the reason, although last_vacuum moves', async () => {
    const reader = db.dataSource.createQueryRunner();
    await reader.startTransaction('REPEATABLE READ');
    await reader.query('SELECT count(*) FROM platform.messages');
    const requestId = await erased();
    const held = (reason: string): boolean => reason === 'HELD_BY_SNAPSHOT';
    await client.until(requestId, ({ response: [entry] }) =>
      Object.values(entry?.notReclaimable ?? {}).every(held),
    );
    await db.run('VACUUM');
    const [looked] = await db.run<{ on: Date }>('SELECT max(looked_on) AS on FROM expunge.reclaim_watch');
    await until(async () => {
      const [row] = await db.run<{ again: boolean }>(
        'SELECT max(looked_on) > $1 AS again FROM expunge.reclaim_watch',
        [looked?.on],
      );
      return row?.again === true;
    });
    const { body } = await client.status(requestId);
    expect(new Set(Object.values(body.response[0]?.reclaimableSince ?? {}))).toEqual(new Set([null]));
    expect(Object.values(body.response[0]?.notReclaimable ?? {}).every(held)).toBe(true);
    await reader.rollbackTransaction();
    await reader.release();
    await client.until(requestId, ({ response: [entry] }) =>
      Object.values(entry?.notReclaimable ?? {}).every((reason) => reason === 'BELOW_AUTOVACUUM_THRESHOLD'),
    );
  });

  it('is not known, and said so, where the role may not see the sessions of others', async () => {
    const [role] = await service.get(DataSource).query<{ name: string }[]>('SELECT current_user AS name');
    await db.run(`REVOKE pg_read_all_stats FROM ${role?.name ?? ''}`);
    const requestId = await erased();
    await client.until(requestId, ({ response: [entry] }) =>
      Object.values(entry?.notReclaimable ?? {}).every((reason) => reason === 'NOT_VISIBLE'),
    );
    await db.run('VACUUM');
    const { body } = await client.status(requestId);
    expect(new Set(Object.values(body.response[0]?.reclaimableSince ?? {}))).toEqual(new Set([null]));
  });
});
