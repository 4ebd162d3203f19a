import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { afterCommit } from '../../../src/database/after-commit.js';
import { inTransaction } from '../../../src/database/transaction.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { testSettings } from '../../support/settings.js';

describe('what is done after the commit', () => {
  let db: TestDatabase;
  const settings = testSettings();
  beforeAll(async () => {
    db = await testDatabase({ platform: false });
  });
  afterAll(() => db.drop());

  it('is done once the transaction has committed, not before', async () => {
    const told: string[] = [];
    await inTransaction(db.dataSource, settings, null, async (manager) => {
      afterCommit(manager, () => told.push('counted'));
      await manager.query('SELECT 1');
      told.push('worked');
    });
    expect(told).toEqual(['worked', 'counted']);
  });

  it('is never done when the transaction is rolled back, at once outside of one', async () => {
    const told: string[] = [];
    const failing = inTransaction(db.dataSource, settings, null, (manager) => {
      afterCommit(manager, () => told.push('counted'));
      return Promise.reject(new Error('broken'));
    });
    await expect(failing).rejects.toThrow('broken');
    expect(told).toEqual([]);
    afterCommit(db.dataSource.manager, () => told.push('at once'));
    expect(told).toEqual(['at once']);
  });
});
