import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EntityManager } from 'typeorm';
import { type DatabaseFault, toDatabaseFault } from '../../../src/database/database-fault.js';
import { UserDirectoryService } from '../../../src/users/user-directory.service.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';

describe('identities that are held', () => {
  let db: TestDatabase;
  const directory = new UserDirectoryService();

  beforeAll(async () => {
    db = await testDatabase();
  });

  afterAll(() => db.drop());

  /** What the server says to what somebody else does while they are. */
  async function meanwhile(work: (other: EntityManager) => Promise<unknown>): Promise<string> {
    return db.dataSource.transaction(async (holder) => {
      await directory.holdIdentities(holder);
      return db.dataSource
        .transaction(async (other) => {
          await other.query(`SET LOCAL lock_timeout = '100ms'`);
          await work(other);
          return 'done';
        })
        .catch((error: unknown) => (toDatabaseFault(error) as DatabaseFault).sqlState);
    });
  }

  it("are nobody else's to change, and may be read", async () => {
    expect(await meanwhile((other) => other.query('DELETE FROM platform.user_identities'))).toBe('55P03');
    expect(await meanwhile((other) => other.query('SELECT FROM platform.user_identities'))).toBe('done');
  });

  it("are nobody else's to hold: two that do, and then erase, would each wait for the other", async () => {
    expect(await meanwhile((other) => directory.holdIdentities(other))).toBe('55P03');
  });
});
