import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DoorWorld, LETTERS, told, toldRaw } from './door-world.js';

/**
 * One call that is wrong in every way. Each test puts right what the checks before its own look at, so that exactly two
 * neighbours are wrong, and sees which of them answers.
 */
interface Call {
  readonly method?: string;
  readonly path?: string;
  readonly token?: string;
  readonly type?: string;
  readonly encoding?: string;
  readonly body?: string;
}

describe('of two things that are wrong, the answer tells', () => {
  let world: DoorWorld;
  let good: string;
  let unscoped: string;
  let spent: string;
  let spentUnscoped: string;

  beforeAll(async () => {
    world = await DoorWorld.open({ rateLimitPerMinute: 12 });
    good = await world.token();
    unscoped = await world.token({ scopes: ['Other:Scope'] });
    const account = 'b'.repeat(24);
    spent = await world.token({ accountId: account });
    spentUnscoped = await world.token({ accountId: account, scopes: [] });
    for (let i = 0; i < 12; i += 1) await call({ token: spent });
  });
  afterAll(() => world.close());

  async function call({
    method = 'POST',
    path = LETTERS,
    token,
    type,
    encoding,
    body,
  }: Call): Promise<string> {
    const headers: Record<string, string> = { 'content-type': type ?? 'application/json' };
    if (token !== undefined) headers['auth'] = token;
    if (encoding !== undefined) headers['content-encoding'] = encoding;
    const response = await fetch(world.url + path, {
      method,
      headers,
      body: method === 'GET' ? null : (body ?? '{"text":"a"}'),
    });
    if (response.ok) return String(response.status);
    const { status, reason } = await told(response);
    return `${status} ${reason ?? ''}`;
  }

  const tooLarge = ' '.repeat(101);

  it('malformed before unknown path', async () => {
    expect(await call({ path: '/nowhere/%zz' })).toBe('400 MALFORMED_REQUEST');
    expect(await call({ path: '/nowhere/%00' })).toBe('400 MALFORMED_REQUEST');
    expect(toldRaw(await world.raw('GET /nowhere HTTP/1.1\r\n\r\n', /\}\]\}/))).toMatchObject({
      status: 400,
    });
  });

  it('an over-long parameter before a missing token', async () => {
    expect(await call({ method: 'GET', path: `${LETTERS}/status/${'x'.repeat(201)}` })).toBe(
      '414 URI_TOO_LONG',
    );
  });

  it('unknown path before method, token and everything else', async () => {
    expect(await call({ path: '/nowhere', method: 'PUT', type: 'text/plain', body: '{broken' })).toBe(
      '404 UNKNOWN_PATH',
    );
    expect(await call({ path: '/nowhere', body: '{broken' })).toBe('404 UNKNOWN_PATH');
    expect(await call({ path: `${LETTERS}/status/`, method: 'GET' })).toBe('404 UNKNOWN_PATH');
  });

  it('method before token', async () => {
    expect(await call({ method: 'PUT', body: '{broken' })).toBe('405 METHOD_NOT_ALLOWED');
  });

  it('token before rate', async () => {
    expect(await call({ token: `${spent}x` })).toBe('401 INVALID_CREDENTIALS');
    expect(await call({})).toBe('401 INVALID_CREDENTIALS');
  });

  it('rate before content type and encoding', async () => {
    expect(await call({ token: spent, type: 'text/plain' })).toBe('429 RATE_LIMITED');
    expect(await call({ token: spent, encoding: 'gzip' })).toBe('429 RATE_LIMITED');
  });

  it('content type and encoding before size', async () => {
    const small = { token: good, path: `${LETTERS}/small`, body: tooLarge };
    expect(await call({ ...small, type: 'text/plain' })).toBe('415 UNSUPPORTED_MEDIA_TYPE');
    expect(await call({ ...small, encoding: 'gzip' })).toBe('415 UNSUPPORTED_MEDIA_TYPE');
  });

  it('size before JSON', async () => {
    expect(await call({ token: good, path: `${LETTERS}/small`, body: `{broken${tooLarge}` })).toBe(
      '413 BODY_TOO_LARGE',
    );
  });

  it('JSON before scope', async () => {
    expect(await call({ token: unscoped, body: '{broken' })).toBe('400 INVALID_JSON');
  });

  it('scope before fields', async () => {
    expect(await call({ token: unscoped, body: '{"text":5}' })).toBe('401 SCOPE_MISSING');
  });

  it('rate before scope: the account pays for all its apps', async () => {
    expect(await call({ token: spentUnscoped, body: '{"text":5}' })).toBe('429 RATE_LIMITED');
  });

  it('fields before state', async () => {
    expect(await call({ token: good, body: '{"text":"known","copies":"two"}' })).toBe('412 INVALID_FIELDS');
  });

  it('state at last', async () => {
    expect(await call({ token: good, body: '{"text":"known"}' })).toBe('409 CONFLICT');
    expect(await call({ token: good, method: 'GET', path: `${LETTERS}/status/other` })).toBe('404 NOT_FOUND');
  });
});
