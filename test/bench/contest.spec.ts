import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BareDelete } from '../../bench/contestants/bare-delete.js';
import { HandWrittenSql } from '../../bench/contestants/hand-written-sql.js';
import { compare } from '../../bench/frame/compare.js';
import { Contest } from '../../bench/frame/contest.js';
import { type Contestant } from '../../bench/frame/contestant.js';
import { Random } from '../../bench/frame/random.js';
import { Arena } from '../../bench/platform/arena.js';
import { sampleLayout } from '../../bench/platform/sample-layout.js';
import { runGroups } from '../../bench/run-groups.js';
import { BenchServers } from '../../bench/servers/bench-servers.js';
import { BuiltCommand } from '../support/built-command.js';
import { redisUrl, required } from '../support/redis.js';

/** No measure of speed: shows that whoever erases the wrong rows is seen. */
describe('a contest', () => {
  let command: BuiltCommand;
  let servers: BenchServers;
  let arena: Arena;

  beforeAll(async () => {
    command = await BuiltCommand.build();
    servers = await BenchServers.on(required('TEST_POSTGRES_URL'), redisUrl(), {}, [], command.path);
    arena = await Arena.open(servers, sampleLayout(50), { persons: 24, slices: 8 });
  });

  afterAll(async () => {
    await arena.close();
    await servers.stop();
    await command.remove();
  });

  const wrongOf = async (contestant: Contestant): Promise<readonly string[]> => {
    const contest = new Contest(arena, [contestant], new Random(1));
    await contest.round();
    await contestant.close();
    return contest.rounds.get(contestant.name)?.flatMap(({ wrong }) => wrong) ?? ['it did not run'];
  };

  const careless = (name: string, run: (userIds: readonly string[]) => Promise<unknown>): Contestant => ({
    name,
    slices: 1,
    run: async ({ userIds, rows }) => {
      await run(userIds);
      return { seconds: 1, rows, finished: true };
    },
    close: () => Promise.resolve(),
  });

  it('finds nothing wrong with those who erase whom they should', async () => {
    const url = arena.ownerUrl;
    const contestants = [
      await HandWrittenSql.open(arena, { name: 'sql', url, slices: 1 }),
      new BareDelete(url, 1),
    ];
    const contest = new Contest(arena, contestants, new Random(1));
    await contest.round();
    for (const contestant of contestants) await contestant.close();
    expect(compare(contest.rounds, 'sql', 'bare delete')).toMatchObject({ right: true, repetitions: 1 });
    const counts: unknown[] = await arena.source.query(
      'SELECT collection, sum(rows)::integer AS rows FROM bench.counts GROUP BY 1 ORDER BY 1',
    );
    // Three people of fifty rows, as the seed made them; identities and users besides.
    expect(counts).toEqual(
      [
        ['agent_transfers', 6],
        ['alert_subscriptions', 6],
        ['analytics_events', 18],
        ['attachments', 9],
        ['debug_logs', 15],
        ['feedback', 6],
        ['messages', 75],
        ['oauth_tokens', 3],
        ['sessions', 9],
        ['user_context', 3],
        ['user_identities', 6],
        ['users', 3],
      ].map(([collection, rows]) => ({ collection, rows })),
    );
  });

  it('sees rows that were left', async () => {
    const forgetful = careless('forgetful', (ids) =>
      arena.source.query('DELETE FROM platform.oauth_tokens WHERE user_id = ANY ($1)', [ids]),
    );
    expect(await wrongOf(forgetful)).toEqual(
      expect.arrayContaining([
        'platform.messages: 75 rows are left',
        'platform.analytics_events: 18 rows are left',
        'platform.users: 3 rows are left',
      ]),
    );
  });

  it('sees rows of others that went, or changed', async () => {
    const greedy = careless('greedy', () =>
      arena.source.query(
        `DELETE FROM platform.oauth_tokens WHERE id = (SELECT max(id) FROM platform.oauth_tokens)`,
      ),
    );
    expect(await wrongOf(greedy)).toContainEqual(
      expect.stringMatching(/^platform.oauth_tokens: rows of someone else/),
    );
    const clumsy = careless('clumsy', () =>
      arena.source.query(
        `UPDATE platform.feedback SET score = score + 1 WHERE id = (SELECT max(id) FROM platform.feedback)`,
      ),
    );
    expect(await wrongOf(clumsy)).toContainEqual(
      expect.stringMatching(/^platform.feedback: rows of someone else/),
    );
  });

  it('is run by groups of measures, against the service as it is built', async () => {
    const only = ['accept-10k', 'headline'];
    const measures = await runGroups(servers, { size: 'tiny', json: false, only, seed: 1 });
    expect(measures.map(({ name }) => name)).toEqual([
      'accept-10k',
      'accept-10k/event-loop-delay',
      'accept-10k/event-loop-delay/5-MB',
      'headline',
    ]);
    // Where an entry is missing, a row is left or a row of others changed, the value is 0.
    for (const measure of [measures.at(0), measures.at(-1)]) expect(measure?.value).toBeGreaterThan(0);
    expect(measures.at(-1)?.about).toContain('100 people, 1,500 rows in 3 tables');
  });
});
