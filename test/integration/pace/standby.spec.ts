import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ReclaimReason } from '../../../src/erasure/reclaim/reclaim-state.js';
import { NeighboursRepository } from '../../../src/erasure/run/pace/neighbours.repository.js';
import { loadDataMap } from '../../../src/stores/data-map/load-data-map.js';
import { PostgresStore } from '../../../src/stores/postgres/postgres-store.js';
import { Platform } from '../../support/platform.js';
import { Reclaiming } from '../../support/reclaiming.js';
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
    postgres = await ReplicatedPostgres.start();
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
      userIds: await people(1),
      RemoveDataFromAllBots: true,
    });
    expect(counts).toEqual({ SUCCESS: 1 });
    expect(waiting).toBeUndefined();
    await until(async () => {
      const [row] = await postgres.standby.query<{ users: number }[]>(
        'SELECT count(*)::int AS users FROM platform.users',
      );
      return row?.users === 0;
    });
  });

  async function fallBehind(): Promise<void> {
    await postgres.standby.query('SELECT pg_wal_replay_pause()');
    await until(async () => {
      await postgres.database.run('SELECT pg_logical_emit_message(false, $1, $2)', [
        'test',
        'something to replay',
      ]);
      const { replicaLagMs } = await new NeighboursRepository(postgres.database.dataSource).look();
      return (replicaLagMs ?? 0) > 1_000;
    });
  }

  it('is not, while the standby is too far behind; the status says why, and it goes on by itself', async () => {
    const userIds = await people(6);
    await fallBehind();
    const before = new Date();
    const requestId = await client.erase({ userIds, RemoveDataFromAllBots: true });
    const { waiting, status, counts } = await client.until(
      requestId,
      (report) => report.waiting !== undefined,
    );
    expect(status).toBe('in-progress');
    expect(waiting?.reason).toBe('REPLICA_LAG');
    expect(Date.parse(waiting?.since ?? '')).toBeGreaterThan(before.getTime() - 60_000);
    expect(counts['SUCCESS'] ?? 0).toBeLessThan(6);
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
    expect(settled.counts).toEqual({ SUCCESS: 6 });
    expect(settled.waiting).toBeUndefined();
  });

  it('is not written to for the planning of a large request meanwhile; the status says why', async () => {
    await fallBehind();
    const userIds = Array.from({ length: 1_001 }, (_, n) => `nobody-${n}`);
    const requestId = await client.erase({ userIds, RemoveDataFromAllBots: true });
    const { waiting, counts } = await client.until(requestId, (report) => report.waiting !== undefined);
    expect(waiting?.reason).toBe('REPLICA_LAG');
    expect(counts).toEqual({ PENDING: 1_001 });
    await postgres.standby.query('SELECT pg_wal_replay_resume()');
    const settled = await client.settled(requestId, 60_000);
    expect(settled.counts).toEqual({ NOT_FOUND: 1_001 });
    expect(settled.waiting).toBeUndefined();
  });

  describe('frees the space of erased rows', () => {
    let watch: Reclaiming;

    beforeAll(async () => {
      const map = await loadDataMap('data-map.yaml');
      const [store] = map.stores;
      if (!store) throw new Error('the map names a store');
      watch = new Reclaiming(postgres.database, new PostgresStore(store), 'platform.oauth_tokens');
    });

    async function erased(): Promise<number> {
      await platform.insert('oauth_tokens', { bot_id: bot, token: 'secret' });
      return watch.erase('DELETE FROM platform.oauth_tokens');
    }

    async function setOnStandby(setting: string): Promise<void> {
      await postgres.standby.query(`ALTER SYSTEM SET ${setting}`);
      await postgres.standby.query('SELECT pg_reload_conf()');
    }

    async function looksUntil(reason: ReclaimReason, erasedBy: number): Promise<void> {
      await until(async () => {
        await watch.look();
        return watch.reason(erasedBy) === reason;
      });
    }

    /** Somebody reads on the standby, and goes on seeing what was there then, while something happens. */
    async function whileRead(something: () => Promise<void>): Promise<void> {
      const reader = postgres.standby.createQueryRunner();
      await reader.startTransaction('REPEATABLE READ');
      await reader.query('SELECT count(*) FROM platform.oauth_tokens');
      await something();
      await reader.rollbackTransaction();
      await reader.release();
    }

    it('not while the standby reads them', async () => {
      let erasedBy = 0;
      await whileRead(async () => {
        erasedBy = await erased();
        await looksUntil('HELD_BY_STANDBY', erasedBy);
        await postgres.database.run('VACUUM platform.oauth_tokens');
        await watch.look();
      });
      await watch.looksUntilUnseen(erasedBy);
      expect(watch.isFree(erasedBy)).toBe(false);
      await postgres.database.run('VACUUM platform.oauth_tokens');
      await watch.look();
      expect(watch.isFree(erasedBy)).toBe(true);
    });

    it('not while the standby does not tell what it reads', async () => {
      const erasedBy = await erased();
      await watch.looksUntilUnseen(erasedBy);
      await setOnStandby('hot_standby_feedback = off');
      await looksUntil('HELD_BY_STANDBY', erasedBy);
      await setOnStandby('hot_standby_feedback = on');
      await watch.looksUntilUnseen(erasedBy);
    });

    it('not while the slot of a standby holds them, nor while its standby is away', async () => {
      await postgres.database.run(`SELECT pg_create_physical_replication_slot('standby', true)`);
      const erasedBy = await erased();
      await looksUntil('HELD_BY_STANDBY', erasedBy);
      await setOnStandby(`primary_slot_name = 'standby'`);
      await watch.looksUntilUnseen(erasedBy);
      await whileRead(async () => looksUntil('HELD_BY_SLOT', await erased()));
    });

    it('not while a prepared transaction may see them', async () => {
      await postgres.database.dataSource.transaction(async (manager) => {
        await manager.query(`INSERT INTO platform.accounts (id) VALUES ('prepared')`);
        await manager.query(`PREPARE TRANSACTION 'prepared'`);
        // What TypeORM commits at the end.
        await manager.query('BEGIN');
      });
      const erasedBy = await erased();
      await looksUntil('HELD_BY_PREPARED_TRANSACTION', erasedBy);
      await postgres.database.run(`ROLLBACK PREPARED 'prepared'`);
      await watch.looksUntilUnseen(erasedBy);
    });
  });
});
