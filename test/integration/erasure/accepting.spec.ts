import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { IntakeRepository, type NewRequest } from '../../../src/erasure/intake/intake.repository.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { testSettings } from '../../support/settings.js';

const ENTRIES = 50;

describe('accepting', () => {
  let db: TestDatabase;
  let intake: IntakeRepository;

  beforeAll(async () => {
    db = await testDatabase({ platform: false });
    intake = new IntakeRepository(db.dataSource, testSettings());
  });

  afterAll(() => db.drop());

  function newRequest(): NewRequest {
    const now = new Date();
    return {
      ...{ id: `eud-${randomUUID()}`, accountId: 'a', clientId: 'c', allBots: true, botIds: [] },
      ...{ total: 2 * ENTRIES, receivedOn: now, reference: null, mac: Buffer.alloc(48), notBefore: null },
    };
  }

  it('keeps the entries of all pages in the order sent', async () => {
    const request = newRequest();
    const pageOf = (from: number): Buffer[] =>
      Array.from({ length: ENTRIES }, (_, index) => Buffer.from(String(from + index)));
    await intake.accept(request.id, async (manager) => {
      await intake.insert(manager, request, pageOf(0));
      await intake.addEntries(manager, request.id, ENTRIES, pageOf(ENTRIES));
    });
    const rows = await db.run<{ position: number; entry: Buffer }>(
      'SELECT position, entry FROM expunge.erasure_subjects WHERE request_id = $1 ORDER BY position',
      [request.id],
    );
    expect(rows.map(({ position, entry }) => [position, entry.toString()])).toEqual(
      Array.from({ length: 2 * ENTRIES }, (_, index) => [index, String(index)]),
    );
  });
});
