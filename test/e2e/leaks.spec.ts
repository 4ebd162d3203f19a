import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DELETE_USERS_DATA, PAUSE } from '../../src/auth/scopes.js';
import { LeakWorld, ROUTE } from '../support/leak-world.js';
import { markedCalls } from '../support/marked-calls.js';
import { type TestClient, type TestService } from '../support/service.js';
import { signedToken } from '../support/tokens.js';

const host = 'host: x';

describe("nobody's data leaks", () => {
  let world: LeakWorld;
  let service: TestService;
  let client: TestClient;
  let m: (use: string) => string;

  beforeAll(async () => {
    world = await LeakWorld.open();
    service = await world.serve();
    client = await service.client(world.account, { scopes: [DELETE_USERS_DATA, PAUSE] });
    m = (use) => world.mark.of(use);
  });

  afterEach(async () => {
    expect(await world.leaks()).toEqual([]);
  });

  afterAll(() => world.close());

  it('through any route, whatever the answer', async () => {
    const calls = markedCalls(world, client);
    const statuses: string[] = [];
    for (const [what, , call] of calls) statuses.push(`${await world.call(service, call)} ${what}`);
    expect(statuses).toEqual(calls.map(([what, status]) => `${status} ${what}`));
    expect(world.logged.some((line) => line.includes('"reason":"INVALID_FIELDS"'))).toBe(true);
  });

  it('through apps that may not do this', async () => {
    for (const changes of [{ scopes: ['Other:Scope'] }, { origin: 'bot-builder' as const }]) {
      const other = await service.client(world.account, changes);
      await world.call(service, {
        headers: { auth: other.token },
        body: JSON.stringify({ userIds: [m('someone')] }),
      });
    }
  });

  it('through what is no HTTP, too long, too slow or too much', async () => {
    const strict = await world.serve({
      role: 'api',
      requestTimeoutMs: 300,
      rateLimitPerMinute: 1,
      authFailuresPerMinute: 1,
    });
    const limited = await strict.client(await world.platform.account());
    const get = `GET /health/live HTTP/1.1\r\n${host}\r\n`;
    expect(await world.raw(strict, `${m('method')} / HTTP/1.1\r\n${host}\r\n\r\n`)).toBe(400);
    expect(await world.raw(strict, `${get}${m('header')}\r\n\r\n`)).toBe(400);
    expect(await world.raw(strict, `${get}x: ${m('padding').padEnd(17_000, 'x')}\r\n\r\n`)).toBe(431);
    expect(await world.raw(strict, `${get}x: ${m('slow')}`)).toBe(408);

    const head = [`POST ${ROUTE} HTTP/1.1`, host, `auth: ${limited.token}`, 'content-type: application/json'];
    const slow = [...head, 'content-length: 900', '', `{"${m('part')}`].join('\r\n');
    expect(await world.raw(strict, slow)).toBe(408);
    const asking = { method: 'GET', path: `${ROUTE}/status/${m('id')}`, headers: { auth: limited.token } };
    expect([await world.call(strict, asking), await world.call(strict, asking)]).toEqual([404, 429]);
    const failing = { headers: { auth: m('token') } };
    expect([await world.call(strict, failing), await world.call(strict, failing)]).toEqual([401, 429]);
  });

  it('through what is accepted, erased and reported', async () => {
    const user = await world.platform.user(world.account, {
      email: `${m('jane')}@example.com`,
      enterpriseId: m('e'),
      identities: [`${m('channel')}|${m('jane')}`],
    });
    await world.platform.conversation(user, world.bot);
    await world.platform.anonymousTrace(`web|${m('visitor')}`, world.bot);
    const userIds = [
      ...[
        user,
        `${m('jane')}@EXAMPLE.com`,
        m('e'),
        m('jane'),
        `${m('channel')}/${m('jane')}`,
        `web/${m('visitor')}`,
      ],
      ...[{ userId: m('nobody') }, { email: m('mail') }, { enterpriseId: m('e') }],
      { channelId: m('channel'), channelUserId: m('jane') },
    ];
    const report = await world.settle(
      client,
      await client.erase({ userIds, botIds: [world.bot], reference: m('case') }),
    );
    expect(report).toMatchObject({ reference: m('case'), counts: { SUCCESS: 8, NOT_FOUND: 2 } });
    expect(report.response.map(({ userId }) => userId)).toEqual(userIds);

    const post = { headers: { auth: client.token, 'x-http-method-override': 'DELETE' } };
    const later = {
      userIds,
      RemoveDataFromAllBots: true,
      notBefore: new Date(Date.now() + 86_400_000),
      extra: undefined,
    };
    expect(await world.call(service, { ...post, body: JSON.stringify(later) })).toBe(200);
    expect(await world.call(service, { ...post, method: 'DELETE', body: JSON.stringify(later) })).toBe(200);
    const metrics = await (await fetch(`${service.url}/metrics?q=${m('q')}`)).text();
    expect(metrics).toContain('expunge_http_request_duration_seconds_count');
    expect(world.mark.in(metrics)).toEqual([]);
  });

  describe('from a database that fails', () => {
    /** Tells the row wherever a message can hold text, and words of it where names belong. */
    const raise = (row: string): string => {
      const names = ['CONSTRAINT', 'COLUMN', 'TABLE', 'SCHEMA', 'DATATYPE'];
      const words = names.map((name) => `${name} = 'MARK${name}'`).join(', ');
      return `RAISE EXCEPTION 'row %', ${row} USING DETAIL = ${row}::text, HINT = ${row}::text, ${words};`;
    };

    /** Has a trigger run this, with our word for MARK, until it is taken away. */
    async function trigger(on: string, table: string, body: string): Promise<() => Promise<void>> {
      const { database } = world.postgres;
      await database.run(
        `CREATE FUNCTION public.marked() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body.replaceAll('MARK', world.mark.word)} END $$`,
      );
      await database.run(
        `CREATE TRIGGER marked BEFORE ${on} ON ${table} FOR EACH ROW EXECUTE FUNCTION public.marked()`,
      );
      return async () => {
        await database.run('DROP FUNCTION public.marked CASCADE');
      };
    }

    /** Rows of a person, with marks wherever a row can hold text. @returns an entry that names the person */
    async function markedPerson(): Promise<string> {
      const { platform, account, bot } = world;
      const email = `${m(randomUUID())}@example.com`;
      const user = await platform.user(account, { email });
      const who = { bot_id: bot, user_id: user };
      await platform.insert('oauth_tokens', { ...who, provider: m('provider'), token: m('secret') });
      await platform.insert('messages', { ...who, id: m(user), body: { text: m('said') } });
      for (const ip of ['a', 'b'])
        await platform.insert('analytics_events', { ...who, ip_address: m(ip), event: m(user) });
      return email;
    }

    it.each<[string, string, string, string]>([
      [
        '23502',
        'a column that must not be null',
        'ALTER TABLE platform.analytics_events ADD CONSTRAINT marked CHECK (true), ALTER user_id SET NOT NULL',
        'ALTER TABLE platform.analytics_events DROP CONSTRAINT marked, ALTER user_id DROP NOT NULL',
      ],
      [
        '23503',
        'a row that is still referred to',
        `CREATE TABLE platform.notes (message_id text REFERENCES platform.messages);
         INSERT INTO platform.notes SELECT id FROM platform.messages`,
        'DROP TABLE platform.notes',
      ],
      [
        '23505',
        'a key that is there already',
        `CREATE UNIQUE INDEX marked ON platform.analytics_events (event) WHERE user_id IS NULL AND event LIKE 'qzx%'`,
        'DROP INDEX platform.marked',
      ],
      [
        '23514',
        'a check that fails',
        'ALTER TABLE platform.analytics_events ADD CONSTRAINT marked CHECK (user_id IS NOT NULL) NOT VALID',
        'ALTER TABLE platform.analytics_events DROP CONSTRAINT marked',
      ],
    ])('%s, %s, while erasing', async (code, _what, break_, mend) => {
      const entry = await markedPerson();
      await world.postgres.database.run('DELETE FROM platform.analytics_events WHERE user_id IS NULL');
      await world.postgres.database.run(break_);
      const { response } = await world.settle(
        client,
        await client.erase({ userIds: [entry], RemoveDataFromAllBots: true }),
      );
      await world.postgres.database.run(mend);
      expect(response[0]?.status).toBe('FAILED');
      // A foreign key that objects is told as a conflict: whoever wrote the row may be about to end.
      expect(world.hasLogged('erasure.person.failed', code === '23503' ? '40001' : code)).toBe(true);
      await world.settle(client, await client.erase({ userIds: [entry], RemoveDataFromAllBots: true }));
    });

    it('a trigger that raises, while erasing', async () => {
      const entry = await markedPerson();
      const mend = await trigger('DELETE', 'platform.oauth_tokens', raise('OLD'));
      const { response } = await world.settle(
        client,
        await client.erase({ userIds: [entry], RemoveDataFromAllBots: true }),
      );
      await mend();
      expect(response[0]?.status).toBe('FAILED');
      expect(world.hasLogged('erasure.person.failed', 'P0001')).toBe(true);
    });

    it('a trigger that raises, while planning', async () => {
      const entry = await markedPerson();
      const mend = await trigger('INSERT', 'expunge.erasure_persons', raise('NEW'));
      const requestId = await client.erase({ userIds: [entry], RemoveDataFromAllBots: true });
      await client.until(requestId, () => world.hasLogged('erasure.plan.released', 'P0001'));
      await mend();
      await world.settle(client, requestId);
    });

    it.each([
      ['23502', 'INSERT', 'expunge.erasure_requests', 'NEW.mac := NULL; RETURN NEW;'],
      ['23503', 'INSERT', 'expunge.erasure_subjects', `NEW.request_id := 'eud-none'; RETURN NEW;`],
      ['23505', 'INSERT', 'expunge.erasure_subjects', 'NEW.position := 1; RETURN NEW;'],
      ['P0001', 'INSERT', 'expunge.erasure_subjects', raise('NEW')],
      ['P0001', 'INSERT', 'expunge.used_tokens', raise('NEW')],
    ])('%s on %s into %s, while accepting', async (code, on, table, body) => {
      const mend = await trigger(on, table, body);
      const now = Math.floor(Date.now() / 1000);
      const claims = {
        sub: m('sub'),
        appId: client.clientId,
        iat: now,
        exp: now + 60,
        jti: m(`${code}${table}`),
      };
      const call = {
        headers: { auth: signedToken(client.clientSecret, claims) },
        body: JSON.stringify({ userIds: [m('a'), m('b')], botIds: [world.bot], reference: m('case') }),
      };
      expect(await world.call(service, call)).toBe(500);
      expect(world.hasLogged('http.failed', code)).toBe(true);
      await mend();
      // What failed has not spent the one-time token.
      expect(await world.call(service, call)).toBe(200);
    });

    it('a table that is gone, while reporting', async () => {
      const { database } = world.postgres;
      const requestId = await client.erase({ userIds: [m('someone')], RemoveDataFromAllBots: true });
      await client.settled(requestId);
      await database.run('ALTER TABLE expunge.erasure_counts RENAME TO gone');
      const path = `${ROUTE}/status/${requestId}?${m('q')}=${m('v')}`;
      expect(await world.call(service, { method: 'GET', path, headers: { auth: client.token } })).toBe(500);
      await database.run('ALTER TABLE expunge.gone RENAME TO erasure_counts');
    });
  });
});
