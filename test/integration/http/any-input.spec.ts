import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DoorWorld, LETTERS } from './door-world.js';

const RUNS = 300;

function encoded(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, ''));
}

describe('no input', () => {
  let world: DoorWorld;
  let token: string;
  beforeAll(async () => {
    world = await DoorWorld.open();
    token = await world.token();
  });
  afterAll(() => world.close());

  const text = fc.string({ unit: 'binary', maxLength: 60 });
  const bytes = text.map((value) =>
    Buffer.from(value, 'utf8')
      .toString('latin1')
      .replace(/[\r\n]/g, ''),
  );
  const method = fc.constantFrom(
    'GET',
    'POST',
    'DELETE',
    'PUT',
    'HEAD',
    'OPTIONS',
    'PATCH',
    'TRACE',
    'PROPFIND',
  );
  const path = fc.oneof(
    fc
      .tuple(fc.constantFrom(LETTERS, `${LETTERS}/status/`, '/docs/', '/metrics', '/'), text)
      .map(([base, rest]) => base + encoded(rest)),
    bytes.map((value) => `/${value.replace(/\s/g, '')}`),
    fc.tuple(text, text).map(([name, value]) => `${LETTERS}/status/x?${encoded(name)}=${encoded(value)}`),
  );
  const headers = fc.dictionary(
    fc.constantFrom(
      'content-type',
      'content-encoding',
      'accept',
      'cookie',
      'x-http-method-override',
      'range',
    ),
    fc.oneof(bytes, fc.constantFrom('application/json', 'gzip', 'DELETE', '*/*')),
  );
  const body = fc.oneof(fc.json(), text, fc.constant(''), fc.constant('{"text":"\\ud800\\u0000"}'));

  it('of any kind makes it fail, or is answered without an id', async () => {
    await fc.assert(
      fc.asyncProperty(method, path, headers, body, async (verb, url, extra, content) => {
        const payload = Buffer.from(content, 'utf8');
        const lines = Object.entries({
          host: 'x',
          auth: token,
          'content-type': 'application/json',
          connection: 'close',
          'content-length': String(payload.length),
          ...extra,
        }).map(([name, value]) => `${name}: ${value}`);
        const head = Buffer.from(`${verb} ${url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`, 'latin1');
        const answer = await world.raw(Buffer.concat([head, payload]));
        expect(Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1] ?? '599')).toBeLessThan(500);
        expect(answer).toMatch(/^x-request-id: [0-9a-f-]{36}\r$/im);
      }),
      { numRuns: RUNS },
    );
  });
});
