import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EntityManager } from 'typeorm';
import { ClientAppEntity } from '../../../src/auth/client-app.entity.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';

/** The lint forbids these calls in src/ (lint-rules.spec.ts); here is what would become of one that slipped through. */
describe('a value that is missing means nobody, never everybody', () => {
  let db: TestDatabase;
  let orm: EntityManager;

  beforeAll(async () => {
    db = await testDatabase({ platform: false });
    orm = db.dataSource.manager;
    await db.run(
      `INSERT INTO expunge.client_apps (client_id, account_id, name, scopes, origin, token_policy, secret)
       SELECT 'cs-' || n, 'a', 'app', '{}', 'admin-console', 'strict', '' FROM generate_series(1, 3) n`,
    );
  });

  afterAll(() => db.drop());

  const nothing = undefined as unknown as string;

  it.each<[string, () => Promise<unknown>]>([
    ['find by undefined', () => orm.find(ClientAppEntity, { where: { name: nothing } })],
    ['find by null', () => orm.findBy(ClientAppEntity, { name: null as unknown as string })],
    ['find one by undefined', () => orm.findOneBy(ClientAppEntity, { clientId: nothing })],
    ['delete by undefined', () => orm.delete(ClientAppEntity, { clientId: nothing })],
    ['delete by an empty condition', () => orm.delete(ClientAppEntity, {})],
    ['delete by an empty list', () => orm.delete(ClientAppEntity, [])],
    ['update by undefined', () => orm.update(ClientAppEntity, { clientId: nothing }, { name: 'x' })],
  ])('%s throws before it reaches the database', async (_what, call) => {
    const asked: string[] = [];
    Object.assign(db.dataSource.logger, { logQuery: (query: string) => void asked.push(query) });
    await expect(call()).rejects.toThrow();
    expect(asked).toEqual([]);
    expect(await db.run(`SELECT FROM expunge.client_apps WHERE name = 'app'`)).toHaveLength(3);
    expect(asked).toHaveLength(1);
  });
});
