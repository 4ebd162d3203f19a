import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DoorWorld, LETTERS, told } from './door-world.js';

describe('an answer', () => {
  let world: DoorWorld;
  let token: string;

  beforeAll(async () => {
    world = await DoorWorld.open();
    token = await world.token();
  });
  afterAll(() => world.close());

  const get = (path: string, headers: Record<string, string> = { auth: token }): Promise<Response> =>
    fetch(world.url + path, { headers });

  it('carries a request id of ours, never one of theirs, and is not cached', async () => {
    const ids = new Set<string | null>();
    for (const path of [
      '/health/live',
      '/docs',
      '/nowhere',
      `${LETTERS}/status/Known-1`,
      `${LETTERS}/broken/x`,
      '/%zz',
    ]) {
      const response = await get(path, { auth: token, 'x-request-id': 'marked', 'request-id': 'marked' });
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
      ids.add(response.headers.get('x-request-id'));
    }
    expect(ids.size).toBe(6);
  });

  it('to nobody is a challenge', async () => {
    const response = await get(`${LETTERS}/status/x`, {});
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="expunge"');
    expect(await told(response)).toEqual({
      status: 401,
      msg: 'Invalid SDK credentials',
      code: 4002,
      reason: 'INVALID_CREDENTIALS',
    });
  });

  it('comes to a token in either header, never in the URL', async () => {
    const path = `${LETTERS}/status/Known-1`;
    expect((await get(path, { auth: token })).status).toBe(200);
    expect((await get(path, { authorization: `Bearer ${token}` })).status).toBe(200);
    expect((await get(path, { authorization: `bearer  ${token}` })).status).toBe(200);
    expect((await get(path, { authorization: token })).status).toBe(401);
    expect((await get(path, { authorization: `Basic ${token}` })).status).toBe(401);
    expect((await get(path, { auth: `Bearer ${token}` })).status).toBe(401);
    expect((await get(path, { auth: 'none', authorization: `Bearer ${token}` })).status).toBe(401);
    for (const name of ['auth', 'token', 'access_token', 'jwt'])
      expect((await get(`${path}?${name}=${token}`, {})).status).toBe(401);
  });

  it('to a HEAD is that to a GET, without its body', async () => {
    const init = { method: 'HEAD', headers: { auth: token } };
    expect((await fetch(`${world.url}${LETTERS}/status/Known-1`, init)).status).toBe(200);
    expect((await fetch(`${world.url}${LETTERS}/status/Known-1`, { method: 'HEAD' })).status).toBe(401);
    const refused = await fetch(`${world.url}${LETTERS}/status/Known-1`, { method: 'POST' });
    expect(refused.headers.get('allow')).toBe('GET, HEAD');
  });

  it('to a route that declares nothing is a refusal, token or not', async () => {
    for (const path of [`${LETTERS}/closed`, '/bare']) {
      expect((await get(path, {})).status).toBe(401);
      expect(await told(await get(path))).toMatchObject({
        status: 401,
        code: 4002,
        msg: 'Permission denied. Scope is incorrect!',
        reason: 'SCOPE_MISSING',
      });
    }
  });

  it('while the database is away is 503 with the time to try again', async () => {
    const response = await get(`${LETTERS}/broken/database`);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(await told(response)).toMatchObject({ status: 503, code: 503, reason: 'UNAVAILABLE' });
  });

  it.each(['unforeseen', 'constraint', 'rejected'])(
    'to what nobody foresaw (%s) tells its request id alone',
    async (how) => {
      world.logged.length = 0;
      const response = await get(`${LETTERS}/broken/${how}`);
      const requestId = response.headers.get('x-request-id');
      expect(await told(response)).toEqual({
        status: 500,
        msg: 'Internal Server Error',
        code: 500,
        reason: 'INTERNAL',
        requestId,
      });
      const lines = world.logged.map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(lines).toContainEqual(
        expect.objectContaining({
          event: 'http.failed',
          requestId,
          code: { unforeseen: 'TypeError', constraint: '23505', rejected: 'AggregateError' }[how],
          at: expect.stringMatching(/^letters\.ts-\d+$/),
        }),
      );
      expect(JSON.stringify(lines)).not.toMatch(/marked|jane|secret|letters_pkey/);
    },
  );

  it.each([
    '/status/%01%7f',
    '/status/%F0%9F%98%80',
    '/status/..%2f..%2fetc',
    '/status/%25zz',
    '/status/x?limit=%0',
    '/status/x?__proto__[a]=1&constructor=2',
    '/status/x;a=b',
    "/status/'%3B--",
  ])('to %s is no 5xx', async (path) => {
    expect((await get(LETTERS + path)).status).toBeLessThan(500);
  });

  it('and nothing else is logged: ids, codes, counts, durations', async () => {
    world.logged.length = 0;
    await get(`${LETTERS}/status/marked-1?marked=2`, { auth: `${token}marked`, 'user-agent': 'marked' });
    await get(`/marked-3`);
    const lines = world.logged.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatchObject({
      event: 'http.refused',
      status: 404,
      reason: 'UNKNOWN_PATH',
      method: 'GET',
    });
    expect(JSON.stringify(lines)).not.toMatch(/marked|\[refused\]/);
  });
});
