import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { atFaultPoint } from '../support/at-fault-point.js';
import { Platform } from '../support/platform.js';
import { type TestDatabase, testDatabase } from '../support/postgres.js';
import { type TestClient, TestService } from '../support/service.js';

/** One batch of one account occupies the only place of the only worker for as long as these tests last. */
describe('one account keeps another waiting for a turn only', () => {
  let db: TestDatabase;
  let platform: Platform;
  let service: TestService;
  let large: TestClient;
  let small: TestClient;
  let crowd: string[];

  beforeAll(async () => {
    db = await testDatabase();
    platform = new Platform(db);
    service = await TestService.start(await db.serviceUrl(), {
      workerConcurrency: 1,
      turnMs: 50,
      planPageEntries: 5,
      chunkPersons: 1,
      chunkRows: 1,
      chunkMs: 1,
    });
    const account = await platform.account();
    large = await service.client(account);
    small = await service.client(await platform.account());
    crowd = await Promise.all(Array.from({ length: 15 }, () => platform.user(account)));
    for (const user of crowd) await platform.conversation(user, null);
  });

  afterAll(async () => {
    await service.stop();
    await db.drop();
  });

  async function one(): Promise<string> {
    const user = await platform.user(await accountOf(small));
    await platform.conversation(user, null);
    return user;
  }

  async function accountOf({ clientId }: TestClient): Promise<string> {
    const [row] = await db.run<{ id: string }>(
      'SELECT account_id AS id FROM expunge.client_apps WHERE client_id = $1',
      [clientId],
    );
    return row?.id ?? '';
  }

  it('with a batch, which goes on where it was', async () => {
    const long = await large.erase({ userIds: crowd, RemoveDataFromAllBots: true });
    await large.until(long, ({ counts }) => (counts['SUCCESS'] ?? 0) > 0);
    const { first } = await small.eraseAndWait({ userIds: [await one()], RemoveDataFromAllBots: true });
    expect(first.status).toBe('SUCCESS');
    expect((await large.status(long)).body.status).toBe('in-progress');

    const done = await large.settled(long, 120_000);
    expect(done.counts).toEqual({ SUCCESS: crowd.length });
    const batches = await db.run<{ fence: string }>(
      'SELECT fence, attempts FROM expunge.erasure_batches WHERE request_id = $1',
      [long],
    );
    expect(batches).toEqual([{ fence: expect.any(String), attempts: 0 }]);
    // Given back at least once.
    expect(Number(batches[0]?.fence)).toBeGreaterThan(1);
  }, 180_000);

  it('with planning, which goes on with the next page', async () => {
    const nobody = Array.from({ length: 300 }, (_, n) => `nobody-${n}`);
    const user = await one();
    // The second call arrives while the first one's planning stands at its second page, however fast it is.
    const meanwhile = atFaultPoint(
      'plan-page:after-commit',
      () => small.erase({ userIds: [user], RemoveDataFromAllBots: true }),
      2,
    );
    const long = await large.erase({ userIds: nobody, RemoveDataFromAllBots: true });
    const short = await meanwhile;
    await small.settled(short);
    const done = await large.settled(long, 120_000);
    expect(done.counts).toEqual({ NOT_FOUND: nobody.length });
    const ended = await db.run<{ id: string }>(
      'SELECT id FROM expunge.erasure_requests WHERE id IN ($1, $2) ORDER BY settled_on',
      [long, short],
    );
    expect(ended.map(({ id }) => id)).toEqual([short, long]);
  }, 180_000);
});
