import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NeighboursRepository } from '../../../src/erasure/run/pace/neighbours.repository.js';
import { Platform } from '../../support/platform.js';
import { ReplicatedPostgres } from '../../support/replicated-postgres.js';
import { type TestClient, TestService } from '../../support/service.js';
import { until } from '../../support/until.js';

describe('a database with a streaming standby', () => {
  let postgres: ReplicatedPostgres;
  let platform: Platform;
  let service: TestService;
  let client: TestClient;
  let account: string;
  let bot: string;

  beforeAll(async () => {
    postgres = await ReplicatedPostgres.start({ feedback: false });
    platform = new Platform(postgres.database);
    account = await platform.account();
    bot = await platform.bot(account);
    service = await TestService.start(await postgres.database.serviceUrl(), {
      pace: 'gentle',
      replicaLagMs: 1_000,
      chunkPersons: 1,
    });
    client = await service.client(account);
  });

  afterAll(async () => {
    await service.stop();
    await postgres.stop();
  });

  async function people(count: number): Promise<readonly string[]> {
    const users = [];
    for (let n = 0; n < count; n += 1) {
      const user = await platform.user(account);
      await platform.conversation(user, bot);
      users.push(user);
    }
    return users;
  }

  it('is erased from while the standby keeps up', async () => {
    const { counts, waiting } = await client.eraseAndWait({
      userIds: await people(3),
      RemoveDataFromAllBots: true,
    });
    expect(counts).toEqual({ SUCCESS: 3 });
    expect(waiting).toBeUndefined();
    await until(async () => {
      const [row] = await postgres.standby.query<{ users: number }[]>(
        'SELECT count(*)::int AS users FROM platform.users',
      );
      return row?.users === 0;
    });
  });

  it('is not, while the standby is too far behind; the status says why, and it goes on by itself', async () => {
    const userIds = await people(40);
    await postgres.standby.query('SELECT pg_wal_replay_pause()');
    await until(async () => {
      await postgres.database.run('SELECT pg_logical_emit_message(false, $1, $2)', [
        'test',
        'something to replay',
      ]);
      const { replicaLagMs } = await new NeighboursRepository(postgres.database.dataSource).look();
      return (replicaLagMs ?? 0) > 1_000;
    });
    const before = new Date();
    const requestId = await client.erase({ userIds, RemoveDataFromAllBots: true });
    const { waiting, status, counts } = await client.until(
      requestId,
      (report) => report.waiting !== undefined,
    );
    expect(status).toBe('in-progress');
    expect(waiting?.reason).toBe('REPLICA_LAG');
    expect(Date.parse(waiting?.since ?? '')).toBeGreaterThan(before.getTime() - 60_000);
    expect(counts['SUCCESS'] ?? 0).toBeLessThan(40);
    // It is alive: nobody else takes the batch meanwhile.
    const [held] = await postgres.database.run<{ fence: string }>(
      'SELECT max(fence) AS fence FROM expunge.erasure_batches',
    );
    await until(async () => {
      const [row] = await postgres.database.run<{ longer: boolean }>(
        `SELECT waiting_since < clock_timestamp() - interval '4 seconds' AS longer FROM expunge.erasure_batches WHERE state = 'RUNNING'`,
      );
      return row?.longer === true;
    });
    const [now] = await postgres.database.run<{ fence: string }>(
      'SELECT max(fence) AS fence FROM expunge.erasure_batches',
    );
    expect(now).toEqual(held);
    await postgres.standby.query('SELECT pg_wal_replay_resume()');
    const settled = await client.settled(requestId, 60_000);
    expect(settled.counts).toEqual({ SUCCESS: 40 });
    expect(settled.waiting).toBeUndefined();
  });
});
