import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DoorWorld, LETTERS, toldRaw } from './door-world.js';

const whole = /\}\]\}$/;

describe('HTTP that is not what it should be', () => {
  let world: DoorWorld;
  let token: string;

  beforeAll(async () => {
    world = await DoorWorld.open({ requestTimeoutMs: 500 });
    token = await world.token();
  });
  afterAll(() => world.close());

  const head = (...lines: string[]): string =>
    ['GET /health/live HTTP/1.1', 'host: x', ...lines, '', ''].join('\r\n');

  function expectEnvelope(answer: string, status: number, reason: string): void {
    expect(toldRaw(answer)).toMatchObject({ status, reason });
    expect(answer).toMatch(/^x-request-id: [0-9a-f-]{36}\r$/im);
    expect(answer).toMatch(/^cache-control: no-store\r$/im);
    expect(answer).toMatch(/^content-type: application\/json; charset=utf-8\r$/im);
  }

  it.each([
    ['no HTTP at all', 'marked nonsense\r\n\r\n'],
    ['an unknown method', 'MARKED / HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['another version', 'GET / HTTP/3.7\r\nhost: x\r\n\r\n'],
    ['a header that is none', head('marked header')],
    ['two lengths', head('content-length: 1', 'content-length: 2')],
    ['a length and chunks', head('content-length: 1', 'transfer-encoding: chunked')],
    ['a length that is no number', head('content-length: -1')],
    ['no host', 'GET /health/live HTTP/1.1\r\n\r\n'],
    ['a URL that is none', 'GET /%zz HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['a NUL in the path', 'GET /health/%00 HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['a NUL in the query', 'GET /health/live?a=%00 HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['a surrogate in the path', 'GET /health/%ED%A0%80 HTTP/1.1\r\nhost: x\r\n\r\n'],
  ])('%s is 400', async (_what, bytes) => {
    const answer = await world.raw(bytes, whole);
    expectEnvelope(answer, 400, 'MALFORMED_REQUEST');
    expect(answer).not.toMatch(/marked/i);
  });

  it('a head of more than 16 KiB is 431, one of less is not', async () => {
    const padding = (bytes: number): string => head(`x-padding: ${'a'.repeat(bytes)}`);
    expectEnvelope(await world.raw(padding(17_000), whole), 431, 'HEADERS_TOO_LARGE');
    expect(await world.raw(padding(16_000), /live/)).toMatch(/^HTTP\/1.1 200/);
  });

  it('a URL of more than 16 KiB is 431', async () => {
    expectEnvelope(
      await world.raw(`GET /${'a'.repeat(17_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, whole),
      431,
      'HEADERS_TOO_LARGE',
    );
  });

  it('a head that never ends is 408', async () => {
    expectEnvelope(await world.raw('GET / HTTP/1.1\r\nhost: x\r\n'), 408, 'REQUEST_TIMEOUT');
  });

  it('a body that never ends is 408', async () => {
    const lines = [`POST ${LETTERS} HTTP/1.1`, 'host: x', `auth: ${token}`, 'content-length: 9'];
    const answer = await world.raw([...lines, 'content-type: application/json', '', '{'].join('\r\n'));
    expectEnvelope(answer, 408, 'REQUEST_TIMEOUT');
  });

  it.each(['PROPFIND', 'M-SEARCH', 'OPTIONS', 'TRACE', 'PURGE', 'QUERY', 'SEARCH'])(
    'a path that is known answers 405 to %s, with Allow',
    async (method) => {
      const answer = await world.raw(`${method} ${LETTERS} HTTP/1.1\r\nhost: x\r\n\r\n`, whole);
      expectEnvelope(answer, 405, 'METHOD_NOT_ALLOWED');
      expect(answer).toMatch(/^allow: DELETE, POST\r$/im);
    },
  );

  it.each(['PROPFIND', 'OPTIONS', 'POST'])('a path that is unknown answers 404 to %s', async (method) => {
    expectEnvelope(
      await world.raw(`${method} /nowhere HTTP/1.1\r\nhost: x\r\n\r\n`, whole),
      404,
      'UNKNOWN_PATH',
    );
  });

  it('OPTIONS * is 404', async () => {
    expectEnvelope(await world.raw('OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n', whole), 404, 'UNKNOWN_PATH');
  });

  it.each([
    ['headers of any bytes', head('x-weird: \xff\xfe\x80', 'cookie: ;;=;', 'content-type: ;;;')],
    ['headers twice', head('auth: a', 'auth: b', 'content-type: a/b', 'content-type: c/d', 'accept: ,')],
    ['headers that mean something to frameworks', head('accept-version: 9', 'upgrade: x', 'range: bytes=-')],
    ['an expectation that nobody has', head('expect: marked')],
    ['a request id of theirs', head('x-request-id: marked', 'request-id: marked')],
    ['an absolute URL', 'GET http://x/health/live HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['HTTP/1.0 without a host', 'GET /health/live HTTP/1.0\r\n\r\n'],
    [
      'a query of any kind',
      'GET /health/live?__proto__=1&a[b]=%zz&a=%ED%A0%80&& HTTP/1.1\r\nhost: x\r\n\r\n',
    ],
  ])('%s do no harm', async (_what, bytes) => {
    const answer = await world.raw(Buffer.from(bytes, 'latin1'), /live"/);
    expect(answer).toMatch(/^HTTP\/1.1 200/);
    expect(answer).not.toMatch(/marked/);
  });

  it('a client that goes away in mid-body is no failure of ours', async () => {
    world.logged.length = 0;
    const lines = [`POST ${LETTERS} HTTP/1.1`, 'host: x', `auth: ${token}`, 'content-length: 900000'];
    const bytes = [...lines, 'content-type: application/json', 'expect: 100-continue', '', '{'].join('\r\n');
    await world.raw(bytes, /100 Continue/);
    await world.noConnections();
    expect(world.logged.join('')).not.toContain('http.failed');
  });

  it('tells a client that asked to go on only after the door let it in', async () => {
    const ask = (auth: string, length = 12): string =>
      [
        `POST ${LETTERS} HTTP/1.1`,
        'host: x',
        `content-length: ${length}`,
        'expect: 100-continue',
        `auth: ${auth}`,
      ]
        .concat('content-type: application/json', '', '')
        .join('\r\n');
    const refused = await world.raw(ask('none'));
    expectEnvelope(refused, 401, 'INVALID_TOKEN');
    expect(refused).toMatch(/^connection: close\r$/im);
    expectEnvelope(await world.raw(ask(token, 9_000_000)), 413, 'BODY_TOO_LARGE');
    expect(await world.raw(ask(token), /\r\n\r\n/)).toMatch(/^HTTP\/1.1 100 Continue/);
    expect(await world.raw(`${ask(token)}{"text":"a"}`, /wrote/)).toMatch(/100 Continue[^]*HTTP\/1.1 200/);
  });
});
