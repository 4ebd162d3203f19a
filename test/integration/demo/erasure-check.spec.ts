import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type CheckReport } from '../../../src/cli/demo/check/check-report.js';
import { checkErasure, type ErasedPeople } from '../../../src/cli/demo/check/erasure-check.js';
import { loadSamplePlatform } from '../../../src/cli/demo/sample-platform/load-sample-platform.js';
import { type SamplePerson } from '../../../src/cli/demo/sample-platform/sample-person.js';
import { type SamplePlatform } from '../../../src/cli/demo/sample-platform/sample-platform.js';
import { sampleTables } from '../../../src/cli/demo/sample-platform/sample-table.js';
import { testDatabase, type TestDatabase } from '../../support/postgres.js';
import { eraseHonestly } from './honest-eraser.js';

describe('the check by SQL', () => {
  let database: TestDatabase;
  let platform: SamplePlatform;
  let untouched: SamplePerson[];

  beforeAll(async () => {
    database = await testDatabase();
    platform = (await loadSamplePlatform(database.dataSource, { seed: 5, people: 150 })).platform;
    untouched = [...platform.people.all()].filter(
      ({ slot, account, roles }) =>
        slot === 'ordinary' && account === platform.world.main && roles.length === 0,
    );
  });
  afterAll(async () => {
    await database.drop();
  });

  const personOf = (): SamplePerson & { userId: string } => {
    const person = untouched.pop();
    if (person?.userId == null) throw new Error('no one is left to be erased');
    return { ...person, userId: person.userId };
  };
  const erased = (userIds: string[], visitors: ErasedPeople['visitors'] = []): ErasedPeople => ({
    accountId: platform.world.main.id,
    userIds,
    visitors,
  });
  /** Erases someone well, but for `damage`. */
  async function checked(
    damage: (person: SamplePerson & { userId: string }) => Promise<unknown>,
  ): Promise<CheckReport> {
    const person = personOf();
    const { report } = await checkErasure(database.dataSource, erased([person.userId]), async () => {
      await eraseHonestly(database, person);
      await damage(person);
    });
    return report;
  }
  const table = (report: CheckReport, name: string): CheckReport['tables'][number] | undefined =>
    report.tables.find((each) => each.name === name);

  it('looks at every table', async () => {
    const { report } = await checkErasure(database.dataSource, erased([]), () => Promise.resolve());
    expect(report.tables.map(({ name }) => name).sort()).toEqual([...sampleTables].sort());
    expect(report).toMatchObject({ nothingLeft: true, othersUnchanged: true });
  });

  it('holds when all rows of a person went, shared sessions and analytics stayed without them, and nothing else changed', async () => {
    const people = [personOf(), personOf(), personOf(), personOf(), personOf(), personOf()];
    const { report, outcome } = await checkErasure(
      database.dataSource,
      erased(people.map(({ userId }) => userId)),
      async () => {
        for (const person of people) await eraseHonestly(database, person);
        return 'done';
      },
    );
    expect(outcome).toBe('done');
    expect(report).toMatchObject({ nothingLeft: true, othersUnchanged: true });
    expect(table(report, 'users')).toMatchObject({ expected: 6, overwritten: 0 });
    expect(table(report, 'sessions')?.overwritten).toBeGreaterThan(0);
    const analytics = table(report, 'analytics_events');
    expect(analytics?.overwritten).toBe(analytics?.expected);
    expect(table(report, 'messages')?.expected).toBeGreaterThan(100);
  });

  it('counts every row of a person who was not erased at all', async () => {
    const { userId } = personOf();
    const { report } = await checkErasure(database.dataSource, erased([userId]), () => Promise.resolve());
    expect(report).toMatchObject({ nothingLeft: false, othersUnchanged: true });
    for (const { expected, left } of report.tables) expect(left).toBe(expected);
  });

  it('counts the rows of an anonymous visitor', async () => {
    const visitors = [...platform.people.all()].filter(
      ({ slot, account }) => slot === 'visitor' && account === platform.world.main,
    );
    const { report } = await checkErasure(
      database.dataSource,
      erased(
        [],
        visitors.map(({ identities }) => identities[0]),
      ),
      () => Promise.resolve(),
    );
    for (const name of ['messages', 'debug_logs', 'analytics_events'])
      expect(table(report, name)?.left).toBeGreaterThan(0);
    expect(table(report, 'sessions')?.left).toBe(0);
  });

  it.each([
    ['accounts', `name = 'x'`],
    ['bots', `name = 'x'`],
    ['users', `first_name = 'x'`],
    ['user_identities', `created_on = NULL`],
    ['account_members', `role = 'x'`],
    ['bot_members', `role = 'x'`],
    ['sessions', `ended_on = NULL`],
    ['messages', `body = '{}'`],
    ['attachments', `content = NULL`],
    ['feedback', `score = -1`],
    ['user_context', `variables = '{}'`],
    ['oauth_tokens', `token = 'x'`],
    ['alert_subscriptions', `schedule = 'x'`],
    ['agent_transfers', `agent = 'x'`],
    ['debug_logs', `context = '{}'`],
    ['analytics_events', `event = 'x'`],
    ['data_table_rows', `"row" = '{}'`],
  ])('notices one changed row of somebody else in %s', async (name, change) => {
    const report = await checked(() =>
      database.run(
        `UPDATE platform.${name} SET ${change} WHERE ctid = (SELECT ctid FROM platform.${name} ORDER BY ctid LIMIT 1)`,
      ),
    );
    expect(report).toMatchObject({ nothingLeft: true, othersUnchanged: false });
    const changed = report.tables.filter((each) => each.othersBefore.checksum !== each.othersAfter.checksum);
    expect(changed.map((each) => each.name)).toEqual([name]);
  });

  it('notices one deleted row of somebody else, and one that is new', async () => {
    const deleted = await checked(() =>
      database.run(`DELETE FROM platform.debug_logs WHERE id = (SELECT max(id) FROM platform.debug_logs)`),
    );
    expect(deleted.othersUnchanged).toBe(false);
    const added = await checked(() => database.run(`INSERT INTO platform.data_table_rows DEFAULT VALUES`));
    expect(added.othersUnchanged).toBe(false);
  });

  it.each([
    ['messages', `(id, user_id) VALUES ('left', $1)`],
    ['sessions', `(id, user_id) VALUES ('left', $1)`],
    ['attachments', `(id, user_id) VALUES ('left', $1)`],
    ['feedback', `(user_id) VALUES ($1)`],
    ['agent_transfers', `(user_id) VALUES ($1)`],
    ['user_context', `(bot_id, user_id) VALUES ('st-x', $1)`],
    ['oauth_tokens', `(user_id) VALUES ($1)`],
    ['alert_subscriptions', `(user_id) VALUES ($1)`],
    ['analytics_events', `(user_id) VALUES ($1)`],
    ['users', `(id, account_id) SELECT $1, min(id) FROM platform.accounts`],
  ])('notices one row of an erased person in %s', async (name, row) => {
    const report = await checked(({ userId }) =>
      database.run(`INSERT INTO platform.${name} ${row}`, [userId]),
    );
    expect(report.nothingLeft).toBe(false);
    expect(report.tables.filter(({ left }) => left > 0)).toMatchObject([{ name, left: 1 }]);
  });

  it('notices a row that is tied by the identity alone', async () => {
    const report = await checked(({ identities: [{ channelId, channelUserId, botId }], account }) =>
      database.run(`INSERT INTO platform.debug_logs (bot_id, identity) VALUES ($1, $2)`, [
        botId ?? account.bots[0].id,
        `${channelId}/${channelUserId}`,
      ]),
    );
    expect(table(report, 'debug_logs')?.left).toBe(1);
  });

  it('notices a row that was not deleted but cut off from its person', async () => {
    const person = personOf();
    const { report } = await checkErasure(database.dataSource, erased([person.userId]), async () => {
      await database.run(`UPDATE platform.feedback SET user_id = NULL WHERE user_id = $1`, [person.userId]);
      await database.run(`UPDATE platform.agent_transfers SET user_id = NULL WHERE user_id = $1`, [
        person.userId,
      ]);
      await database.run(`UPDATE platform.alert_subscriptions SET user_id = NULL WHERE user_id = $1`, [
        person.userId,
      ]);
    });
    for (const name of ['feedback', 'agent_transfers', 'alert_subscriptions'])
      expect(table(report, name)?.left).toBe(table(report, name)?.expected);
  });

  it('notices an event or a session of others that kept more than it may', async () => {
    const { userId, ...rest } = personOf();
    const ids = async (name: string): Promise<unknown[]> =>
      (
        await database.run<{ id: unknown }>(`SELECT id FROM platform.${name} WHERE user_id = $1`, [userId])
      ).map(({ id }) => id);
    const [events, sessions] = [await ids('analytics_events'), await ids('sessions')];
    const { report } = await checkErasure(database.dataSource, erased([userId]), async () => {
      // An agent's row hangs on every session: none may be deleted.
      await database.run(
        `INSERT INTO platform.messages (id, session_id) SELECT 'agent ' || id, id FROM platform.sessions WHERE user_id = $1`,
        [userId],
      );
      await eraseHonestly(database, { ...rest, userId });
      await database.run(
        `UPDATE platform.analytics_events SET occurred_on = occurred_on + interval '1 hour' WHERE id = ANY ($1)`,
        [events],
      );
      await database.run(`UPDATE platform.sessions SET channel_id = 'sms' WHERE id = ANY ($1)`, [sessions]);
    });
    expect(table(report, 'analytics_events')?.left).toBe(events.length);
    expect(table(report, 'sessions')?.left).toBe(sessions.length);
  });
});
