import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SessionLock } from '../../../src/database/session-lock.js';
import { ClaimsRepository } from '../../../src/erasure/run/claims.repository.js';
import { WorkerSignsRepository } from '../../../src/erasure/run/worker-signs.repository.js';
import { eventually } from '../../support/eventually.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { Relay } from '../../support/relay.js';
import { testSettings } from '../../support/settings.js';

const notCovered = {
  allBots: [{ collection: 'c', reason: 'all' }],
  namedBots: [{ collection: 'c', reason: 'named' }],
};

describe('workers', () => {
  let db: TestDatabase;
  let claims: ClaimsRepository;
  const signs = new WorkerSignsRepository();
  const [me, other] = [randomUUID(), randomUUID()];
  const locks: SessionLock[] = [];

  beforeAll(async () => {
    db = await testDatabase({ platform: false });
    claims = new ClaimsRepository(db.dataSource, testSettings());
  });

  beforeEach(async () => {
    await db.run('DELETE FROM expunge.erasure_requests');
    await db.run('DELETE FROM expunge.workers');
  });

  afterEach(async () => {
    for (const lock of locks.splice(0)) await lock.release();
  });

  afterAll(() => db.drop());

  /** A planned request with one batch that waits, and one that waits for being planned. */
  async function work(map = 'h'): Promise<string> {
    const [first, second] = [`eud-${randomUUID()}`, `eud-${randomUUID()}`];
    for (const id of [first, second])
      await db.run(
        `INSERT INTO expunge.erasure_requests (id, account_id, client_id, all_bots, bot_ids, received_on, due_on, not_before,
           created_on, last_updated_on, total, mac, planned_on)
         VALUES ($1, 'a', 'c', true, '{}', now(), now(), now(), now(), now(), 1, '', $2)`,
        [id, id === first ? new Date() : null],
      );
    await db.run(
      `INSERT INTO expunge.erasure_batches (request_id, account_id, not_before, data_map_hash)
       VALUES ($1, 'a', now(), $2)`,
      [first, map],
    );
    return first;
  }

  async function holdLock(id: string, url = db.url): Promise<SessionLock> {
    const { manager } = db.dataSource;
    const number = await signs.sign(manager, id, 'h', false);
    const lock = new SessionLock(url);
    locks.push(lock);
    await signs.sign(manager, id, 'h', await lock.hold(number));
    return lock;
  }

  /** What can be claimed now: a planning, a batch. */
  async function claimable(): Promise<readonly boolean[]> {
    await signs.endLeasesOfDead(db.dataSource.manager, me);
    return [(await claims.claimPlanning(me)) !== null, (await claims.claimBatch(me, 'h')) !== null];
  }

  describe('that hold their advisory lock', () => {
    it('keep what they claimed; are succeeded at once when they are gone', async () => {
      const lock = await holdLock(other);
      await work();
      await claims.claimPlanning(other);
      await claims.claimBatch(other, 'h');
      expect(await claimable()).toEqual([false, false]);
      await lock.release();
      expect(await claimable()).toEqual([true, true]);
    });

    it('find out that their session is gone, and take another', async () => {
      const lock = await holdLock(other);
      const held =
        "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
      const [before] = await db.run<{ pid: number }>(held);
      await db.run('SELECT pg_terminate_backend($1)', [before?.pid]);
      await eventually('another session holds it', () =>
        lock.hold(1).then(async () => (await db.run(held)).length > 0),
      );
    });
  });

  describe('whose lock proves nothing', () => {
    it('keep what they claimed until their lease is over: behind a pooler or proxy', async () => {
      const relay = await Relay.to(db.url);
      await holdLock(other, relay.url);
      await work();
      await claims.claimPlanning(other);
      await claims.claimBatch(other, 'h');
      expect(await db.run('SELECT holds_lock FROM expunge.workers')).toEqual([{ holds_lock: false }]);
      await relay.close();
      expect(await claimable()).toEqual([false, false]);
      await db.run(`UPDATE expunge.erasure_batches SET lease_until = now() - interval '1 second'`);
      expect(await claimable()).toEqual([false, true]);
    });

    it('are never taken for dead while the database can’t be reached', async () => {
      const lock = new SessionLock('postgres://nobody@127.0.0.1:1/nothing');
      expect(await lock.hold(1)).toBe(false);
    });
  });

  describe('of another data map', () => {
    it('keep their batches as long as one of them is there', async () => {
      await work('old');
      await signs.sign(db.dataSource.manager, other, 'old', false);
      await signs.adopt(db.dataSource.manager, 'h', notCovered);
      expect(await claims.claimBatch(me, 'h')).toBeNull();
      await signs.leave(db.dataSource.manager, other);
      await signs.adopt(db.dataSource.manager, 'h', notCovered);
      expect(await claims.claimBatch(me, 'h')).not.toBeNull();
    });

    it('that have been silent count as gone; what they were at is cut anew too, and says what it does not cover', async () => {
      const id = await work('old');
      await signs.sign(db.dataSource.manager, other, 'old', false);
      await claims.claimBatch(other, 'old');
      await db.run(`UPDATE expunge.workers SET seen_on = now() - interval '1 hour'`);
      await signs.adopt(db.dataSource.manager, 'h', notCovered);
      expect(await claims.claimBatch(me, 'h')).toBeNull();
      await db.run(`UPDATE expunge.erasure_batches SET lease_until = now() - interval '1 second'`);
      await signs.adopt(db.dataSource.manager, 'h', notCovered);
      expect(await claims.claimBatch(me, 'h')).toMatchObject({ requestId: id });
      const rows = await db.run<object>('SELECT not_covered FROM expunge.erasure_requests WHERE id = $1', [
        id,
      ]);
      expect(rows).toEqual([{ not_covered: notCovered.allBots }]);
    });
  });

  it('that have long been silent are forgotten', async () => {
    await signs.sign(db.dataSource.manager, me, 'h', false);
    await signs.sign(db.dataSource.manager, other, 'h', false);
    await db.run(`UPDATE expunge.workers SET seen_on = now() - interval '1 day' WHERE id = $1`, [other]);
    await signs.forget(db.dataSource.manager);
    expect(await db.run('SELECT id FROM expunge.workers')).toEqual([{ id: me }]);
  });
});
