import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { Platform } from '../support/platform.js';
import { type TestDatabase, testDatabase } from '../support/postgres.js';
import { type TestClient, TestService } from '../support/service.js';

const ATTEMPTS = 3;

describe('one whose rows always fail', () => {
  let db: TestDatabase;
  let platform: Platform;
  let service: TestService;
  let client: TestClient;
  let people: string[];
  let poisoned: string;

  beforeAll(async () => {
    db = await testDatabase();
    platform = new Platform(db);
    service = await TestService.start(await db.serviceUrl(), {
      batchAttempts: ATTEMPTS,
      // Long enough to see that the others do not wait for it.
      retryBackoffMs: 4_000,
      // The trigger below would be found, and refused.
      dataMapCheckSeconds: 3_600,
    });
    const account = await platform.account();
    client = await service.client(account);
    people = await Promise.all(Array.from({ length: 30 }, () => platform.user(account)));
    for (const user of people) await platform.conversation(user, null);
    poisoned = people[17] ?? '';
    await db.run(
      `CREATE FUNCTION platform.raise() RETURNS trigger LANGUAGE plpgsql AS
         $$BEGIN IF OLD.user_id = '${poisoned}' THEN RAISE 'never %', OLD.user_id; END IF; RETURN OLD; END$$`,
    );
    await db.run(
      'CREATE TRIGGER raise BEFORE DELETE ON platform.feedback FOR EACH ROW EXECUTE FUNCTION platform.raise()',
    );
  });

  afterAll(async () => {
    await service.stop();
    await db.drop();
  });

  async function attempts(requestId: string): Promise<{ attempts: number }[]> {
    return db.run('SELECT attempts, last_code FROM expunge.erasure_batches WHERE request_id = $1', [
      requestId,
    ]);
  }

  it('ends FAILED, with a reason, after the set attempts; the others of the batch do not wait for it', async () => {
    const requestId = await client.erase({ userIds: people, RemoveDataFromAllBots: true });
    const others = await client.until(requestId, ({ counts }) => counts['SUCCESS'] === people.length - 1);
    expect(others.counts).toEqual({ SUCCESS: people.length - 1, IN_PROGRESS: 1 });
    await eventually('the batch is given back', async () => {
      const [batch] = await attempts(requestId);
      return batch?.attempts === 1;
    });
    // Take-overs are no attempts: the batch is handed on more often than it may fail.
    for (let n = 0; n < ATTEMPTS + 2; n += 1)
      await db.run(
        `UPDATE expunge.erasure_batches SET state = 'RUNNING', worker = 'dead', fence = fence + 1, not_before = now(),
                lease_until = now() - interval '1 second' WHERE state = 'WAITING'`,
      );
    expect(await attempts(requestId)).toEqual([{ attempts: 1, last_code: 'P0001' }]);
    const { response, status } = await client.settled(requestId, 60_000);
    expect(status).toBe('partial');
    expect(response.filter(({ status: one }) => one === 'SUCCESS')).toHaveLength(people.length - 1);
    expect(response[17]).toMatchObject({ userId: poisoned, status: 'FAILED', reason: 'STORE_REFUSED' });
    expect(await attempts(requestId)).toEqual([{ attempts: ATTEMPTS - 1, last_code: 'P0001' }]);
    expect(await platform.count('feedback', 'user_id = $1', [poisoned])).toBe(1);
    expect(await platform.count('users', 'id = $1', [poisoned])).toBe(1);
  }, 120_000);
});
