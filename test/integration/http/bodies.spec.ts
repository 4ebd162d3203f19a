import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DoorWorld, LETTERS, told, toldRaw } from './door-world.js';

const MIB = 1024 * 1024;

interface Init extends RequestInit {
  readonly headers?: Record<string, string>;
  readonly duplex?: 'half';
}

describe('a body', () => {
  let world: DoorWorld;
  let token: string;

  beforeAll(async () => {
    world = await DoorWorld.open();
    token = await world.token();
  });
  afterAll(() => world.close());

  function send(init: Init, path = ''): Promise<Response> {
    return fetch(world.url + LETTERS + path, {
      method: 'POST',
      ...init,
      headers: { auth: token, 'content-type': 'application/json', ...init.headers },
    });
  }

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON;charset="UTF-8"',
    'application/json;',
    'application/json ; charset=utf8',
  ])('may come as %s', async (type) => {
    const response = await send({ body: '{"text":"ä😀"}', headers: { 'content-type': type } });
    expect(await response.json()).toEqual({ wrote: 'ä😀' });
  });

  it.each([
    'application/json; charset=iso-8859-1',
    'application/json; charset=utf-16',
    'application/json; charset=utf-8; charset=latin1',
    'application/problem+json',
    'application/jsonp',
    'text/json',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'json',
    ';',
  ])('may not come as %s', async (type) => {
    const response = await send({ body: '{"text":"a"}', headers: { 'content-type': type } });
    expect(await told(response)).toMatchObject({ status: 415, reason: 'UNSUPPORTED_MEDIA_TYPE', code: 415 });
  });

  it('may not come without a type', async () => {
    const response = await fetch(world.url + LETTERS, {
      method: 'POST',
      headers: { auth: token },
      body: new Uint8Array([0x7b, 0x7d]),
    });
    expect((await told(response)).status).toBe(415);
  });

  it.each(['gzip', 'br', 'identity', ''])('may not come with Content-Encoding "%s"', async (encoding) => {
    const bytes = [`POST ${LETTERS} HTTP/1.1`, 'host: x', `auth: ${token}`, 'content-length: 12']
      .concat('content-type: application/json', `content-encoding: ${encoding}`, '', '{"text":"a"}')
      .join('\r\n');
    expect(toldRaw(await world.raw(bytes, /\}\]\}/))).toMatchObject({ status: 415 });
  });

  it('that is empty is an absent one, whatever type it claims', async () => {
    const absent = {
      status: 412,
      code: 412,
      msg: 'Validation errors/ Invalid arguments',
      reason: 'INVALID_FIELDS',
      details: [{ field: 'body', problem: 'nothing', expected: 'a JSON object' }],
    };
    expect(await told(await send({}))).toEqual(absent);
    expect(await told(await send({ body: '' }))).toEqual(absent);
    expect(await told(await send({ headers: { 'content-type': 'text/plain' } }))).toEqual(absent);
    expect(await told(await send({ body: Readable.from([]), duplex: 'half' }))).toEqual(absent);
  });

  it.each([
    ['null', 'null'],
    ['5', 'a number'],
    ['"text"', '4 characters'],
    ['true', 'a boolean'],
    ['[]', 'an empty list'],
    ['[{"text":"a"}]', 'a list of 1'],
  ])('that is %s is no object', async (body, problem) => {
    expect(await told(await send({ body }))).toMatchObject({
      status: 412,
      details: [{ field: 'body', problem, expected: 'a JSON object' }],
    });
  });

  it('is refused field by field, with the kind of thing that came and never the thing', async () => {
    const body = { text: 'marked'.repeat(100), copies: 'marked' };
    expect(await told(await send({ body: JSON.stringify(body) }))).toEqual({
      status: 412,
      msg: 'Validation errors/ Invalid arguments',
      code: 412,
      reason: 'INVALID_FIELDS',
      details: [
        { field: 'text', problem: '600 characters', expected: '1 to 20 characters' },
        { field: 'copies', problem: '6 characters', expected: 'an integer number' },
      ],
    });
  });

  it('is refused for a field that nobody knows, by name if it is one', async () => {
    const refused = await told(
      await send({ body: '{"text":"a","txet":1,"jane@example.com":1,"4477009":1}' }),
    );
    expect(refused.details?.map(({ field }) => field).sort()).toEqual([
      '(a name of another kind)',
      '(a name of another kind)',
      'txet',
    ]);
  });

  it('has at most 20 mistakes told; the rest are counted', async () => {
    const wrong = Object.fromEntries(Array.from({ length: 31 }, (_, i) => [`field${i}`, i]));
    const refused = await told(await send({ body: JSON.stringify({ text: 'a', ...wrong }) }));
    expect(refused.details).toHaveLength(20);
    expect(refused.more).toBe(11);
  });

  it('of 8 MiB is read, one byte more is not', async () => {
    const spaces = (bytes: number): string => `{"text":"a"${' '.repeat(bytes - 12)}}`;
    expect((await send({ body: spaces(8 * MIB) })).status).toBe(200);
    expect(await told(await send({ body: spaces(8 * MIB + 1) }))).toMatchObject({
      status: 413,
      reason: 'BODY_TOO_LARGE',
    });
  });

  it('that declares too much is refused before it comes', async () => {
    const bytes = [`POST ${LETTERS} HTTP/1.1`, 'host: x', `auth: ${token}`, `content-length: ${9 * MIB}`]
      .concat('content-type: application/json', '', '')
      .join('\r\n');
    expect(toldRaw(await world.raw(bytes, /\}\]\}/))).toMatchObject({ status: 413 });
  });

  it('that grows too large without saying so is refused', async () => {
    const chunk = `1000\r\n${' '.repeat(0x1000)}\r\n`;
    const bytes = [`POST ${LETTERS} HTTP/1.1`, 'host: x', `auth: ${token}`, 'transfer-encoding: chunked']
      .concat('content-type: application/json', '', chunk.repeat(2049))
      .join('\r\n');
    expect(toldRaw(await world.raw(bytes, /\}\]\}/))).toMatchObject({ status: 413 });
  });

  it('may be limited by its route', async () => {
    const body = `{"text":"a"${' '.repeat(88)}}`;
    expect((await send({ body }, '/small')).status).toBe(200);
    expect((await send({ body: `${body} ` }, '/small')).status).toBe(413);
  });

  it('that nests deep is 400, before anything recurses over it', async () => {
    const deep = `{"text":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(await told(await send({ body: deep }))).toMatchObject({ status: 400, reason: 'INVALID_JSON' });
  });

  it('of a call that is not let in is never parsed', async () => {
    const response = await send({ body: '{broken', headers: { auth: 'none' } });
    expect((await told(response)).status).toBe(401);
  });

  it('comes with DELETE, POST, and POST that means DELETE', async () => {
    const body = '{"text":"a"}';
    expect(await (await send({ body, method: 'DELETE' })).json()).toEqual({ erased: 'a' });
    expect(await (await send({ body })).json()).toEqual({ wrote: 'a' });
    for (const override of ['DELETE', 'delete', ' Delete '])
      expect(await (await send({ body, headers: { 'x-http-method-override': override } })).json()).toEqual({
        erased: 'a',
      });
  });

  it.each([
    ['PUT', { signed: 'a' }],
    ['patch', { amended: 'a' }],
  ])('comes with POST that means %s, where there is such a route', async (override, answer) => {
    const init = { body: '{"text":"a"}', headers: { 'x-http-method-override': override } };
    expect(await (await send(init, '/signed')).json()).toEqual(answer);
    const refused = await send({ ...init, headers: {} }, '/signed');
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'PATCH, PUT']);
  });

  it('of a POST that means something else is not taken for a POST', async () => {
    for (const override of ['GET', 'PUT', 'erase', 'DELETE, DELETE']) {
      const response = await send({ body: '{"text":"a"}', headers: { 'x-http-method-override': override } });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe('DELETE, POST');
    }
    expect(
      (await send({ body: '{}', headers: { 'x-http-method-override': 'GET' } }, '/nowhere')).status,
    ).toBe(404);
    expect(
      (await send({ method: 'DELETE', body: '{"text":"a"}', headers: { 'x-http-method-override': 'GET' } }))
        .status,
    ).toBe(200);
  });

  it('finds its path whatever its letter case, with a slash or two at its end; parameters keep theirs', async () => {
    for (const path of ['/API/letters', '/api/LETTERS/', '/api/letters?a=B'])
      expect((await fetch(world.url + path, { method: 'POST', headers: { auth: token } })).status).toBe(412);
    const status = (id: string): Promise<Response> =>
      fetch(`${world.url}/Api/Letters/STATUS/${id}`, { headers: { auth: token } });
    expect(await (await status('Known-1/')).json()).toEqual({ id: 'Known-1' });
    expect((await status('known-1')).status).toBe(404);
  });
});
