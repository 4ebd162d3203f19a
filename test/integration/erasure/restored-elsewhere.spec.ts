import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ErasureStatusDto } from '../../../src/erasure/intake/status.dto.js';
import { Platform } from '../../support/platform.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { type TestClient, TestService } from '../../support/service.js';

describe('what a dump brings along from a cluster whose transactions had higher ids', () => {
  let db: TestDatabase;
  let service: TestService;
  let client: TestClient;
  let requestId: string;

  /** Since when the rows of the only person have been free, by collection. */
  const since = ({ response: [entry] }: ErasureStatusDto): readonly (string | null)[] =>
    Object.values(entry?.reclaimableSince ?? {});

  beforeAll(async () => {
    db = await testDatabase();
    service = await TestService.start(await db.serviceUrl(), { reclaimCheckSeconds: 3_600 });
    const platform = new Platform(db);
    const account = await platform.account();
    client = await service.client(account);
    const user = await platform.user(account, { identities: ['web|w'] });
    await db.run(
      `INSERT INTO expunge.reclaim_watch (collection, state, clean_below, looked_on)
       SELECT collection, jsonb_build_object('relations', '{}'::jsonb, 'next', 1e12, 'horizon', 1e12, 'heldBy', 'HELD_BY_SNAPSHOT'),
         1e12, now() - interval '1 day' FROM unnest($1::text[]) AS collection`,
      [['platform.messages', 'platform.users']],
    );
    requestId = await client.erase({ userIds: [{ userId: user }], RemoveDataFromAllBots: true });
    const report = await client.settled(requestId);
    await db.run(
      `INSERT INTO expunge.reclaim_credits (collection, below, since)
       SELECT collection, 1e12, now() - interval '1 day' FROM unnest($1::text[]) AS collection`,
      [Object.keys(report.response[0]?.erased ?? {})],
    );
  });
  afterAll(async () => {
    await service.stop();
    await db.drop();
  });

  it('does not make free what is erased here', async () => {
    const told = since((await client.status(requestId)).body);
    expect(told.length).toBeGreaterThan(0);
    expect(new Set(told)).toEqual(new Set([null]));
  });

  it('is forgotten by the next look, so that vacuums of this one count', async () => {
    const looking = await TestService.start(service.databaseUrl, {
      ...service.settings,
      reclaimCheckSeconds: 1,
    });
    try {
      const looked = await client.until(requestId, ({ response: [entry] }) =>
        Object.values(entry?.notReclaimable ?? {}).every((reason) => reason === 'BELOW_AUTOVACUUM_THRESHOLD'),
      );
      expect(await db.run('SELECT FROM expunge.reclaim_credits')).toEqual([]);
      await db.run('VACUUM');
      const free = await client.until(requestId, (report) => !since(report).includes(null));
      for (const time of since(free))
        expect(Date.parse(time ?? '')).toBeGreaterThanOrEqual(Date.parse(looked.response[0]?.erasedOn ?? ''));
    } finally {
      await looking.stop();
    }
  });
});
