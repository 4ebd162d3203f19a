import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DoorWorld, LETTERS } from './door-world.js';

describe('the description of the API', () => {
  let world: DoorWorld;
  beforeAll(async () => {
    world = await DoorWorld.open();
  });
  afterAll(() => world.close());

  it('is OpenAPI 3.1, with the error envelope, its reasons, and how to send a token', async () => {
    const response = await fetch(`${world.url}/openapi.json`);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    const document = (await response.json()) as Record<string, object>;
    expect(document).toMatchObject({
      openapi: '3.1.1',
      components: {
        securitySchemes: {
          auth: { type: 'apiKey', in: 'header', name: 'auth' },
          bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        },
      },
    });
    const reason = 'components.schemas.ErrorAnswer.properties.errors.items.properties.reason.enum';
    expect(document).toHaveProperty(reason, expect.arrayContaining(['INVALID_JSON', 'TOKEN_EXPIRED']));
    const post = ['paths', '/api/Letters', 'post'];
    expect(document).toHaveProperty([...post, 'security', '0']);
    expect(document).toHaveProperty([...post, 'responses', '401']);
    expect(Object.keys(document['paths'] ?? {})).toContain('/api/Letters/status/{id}');
  });

  it('has a page that loads nothing from elsewhere, over plain HTTP too', async () => {
    const page = await fetch(`${world.url}/docs`);
    const html = await page.text();
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/https?:|\*|upgrade-insecure|unsafe-eval|script-src[^;]*unsafe-inline/);
    const loaded = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url ?? '');
    expect(loaded.length).toBeGreaterThanOrEqual(4);
    for (const url of loaded) {
      if (url.startsWith('data:')) continue;
      expect(url).toMatch(/^\/docs\//);
      const asset = await fetch(world.url + url);
      expect(asset.status).toBe(200);
      expect(asset.headers.get('content-type')).toBe(
        url.endsWith('.css') ? 'text/css; charset=utf-8' : 'text/javascript; charset=utf-8',
      );
    }
    expect(html).not.toMatch(/<script>|<style|onload=/);
    expect(await (await fetch(`${world.url}/docs/`)).text()).toBe(html);
  });

  it.each([
    'LICENSE',
    'package.json',
    '../package.json',
    '..%2fpackage.json',
    'toString',
    '__proto__',
    '%00',
    'start.js/x',
  ])('serves no file but its own: %s', async (name) => {
    const answer = await world.raw(`GET /docs/${name} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 40[04] /);
  });

  it('is not asked for by other methods', async () => {
    expect((await fetch(`${world.url}/openapi.json`, { method: 'POST' })).status).toBe(405);
  });

  it('tells where a token goes for every route behind the door', async () => {
    const { paths } = (await (await fetch(`${world.url}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { security?: object[] }>>;
    };
    expect(paths[`/api/Letters`]?.['post']?.security?.map((way) => Object.keys(way)[0]).sort()).toEqual([
      'auth',
      'bearer',
    ]);
    expect(Object.keys(paths)).not.toContain(LETTERS);
  });
});
