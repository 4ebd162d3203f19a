import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Platform } from '../../support/platform.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { TestService } from '../../support/service.js';

const AT_ONCE = 10;
const EVENTS = 47;

describe('a person of whom more rows are overwritten than one transaction may forget', () => {
  let db: TestDatabase;
  let service: TestService;

  beforeAll(async () => {
    db = await testDatabase();
    // Who forgets how many notes in which statement.
    await db.run('CREATE TABLE public.forgotten (notes integer, transaction xid8)');
    await db.run(
      `CREATE FUNCTION public.count_forgotten() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
       BEGIN
         INSERT INTO public.forgotten SELECT count(*), pg_current_xact_id() FROM gone HAVING count(*) > 0;
         RETURN NULL;
       END $$`,
    );
    await db.run(
      `CREATE TRIGGER count_forgotten AFTER DELETE ON expunge.erasure_overwrites REFERENCING OLD TABLE AS gone
       FOR EACH STATEMENT EXECUTE FUNCTION public.count_forgotten()`,
    );
    service = await TestService.start(await db.serviceUrl(), { chunkRows: AT_ONCE });
  });

  afterAll(async () => {
    await service.stop();
    await db.drop();
  });

  it('is settled all the same: what was noted is forgotten in steps, each a transaction of its own', async () => {
    const platform = new Platform(db);
    const account = await platform.account();
    const bot = await platform.bot(account);
    const user = await platform.user(account);
    await db.run(
      `INSERT INTO platform.analytics_events (bot_id, user_id, event) SELECT $1, $2, 'seen' FROM generate_series(1, $3::int)`,
      [bot, user, EVENTS],
    );
    const client = await service.client(account);
    const report = await client.eraseAndWait({ userIds: [user], RemoveDataFromAllBots: true });
    expect(report).toMatchObject({ status: 'completed', counts: { SUCCESS: 1 } });
    expect(await db.run('SELECT FROM expunge.erasure_overwrites')).toEqual([]);
    const steps = await db.run<{ notes: number; transaction: string }>(
      'SELECT notes, transaction::text FROM public.forgotten ORDER BY transaction',
    );
    expect(steps.map(({ notes }) => notes)).toEqual([10, 10, 10, 10, 7]);
    expect(new Set(steps.map(({ transaction }) => transaction)).size).toBe(steps.length);
  });
});
