import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type FastifyInstance } from 'fastify';
import { ReadinessCheck } from '../../../src/common/readiness-check.js';
import { createOpsServer } from '../../../src/http/ops/create-ops-server.js';
import { testSettings } from '../../support/settings.js';
import { DoorWorld, LETTERS, told } from './door-world.js';

class Switch extends ReadinessCheck {
  override readonly name = 'switch';
  answer: () => Promise<boolean> = () => Promise.resolve(true);

  override ready(): Promise<boolean> {
    return this.answer();
  }
}

describe('a process that is watched', () => {
  let world: DoorWorld;
  let ops: FastifyInstance | undefined;
  afterEach(async () => {
    await ops?.close();
    ops = undefined;
    await world.close();
  });

  /** Answers are shared for a moment: asks until the answer is another one. */
  async function readiness(status: number): Promise<Response> {
    const deadline = Date.now() + 10_000;
    for (;;) {
      const response = await fetch(`${world.url}/health/ready`);
      if (response.status === status) return response;
      if (Date.now() > deadline) throw new Error(`never answered ${status}`);
      await response.text();
    }
  }

  it('is live, and ready when all that it needs is there', async () => {
    world = await DoorWorld.open();
    expect(await (await fetch(`${world.url}/health/live`)).json()).toEqual({ status: 'live' });
    expect(await (await readiness(200)).json()).toMatchObject({
      status: 'ready',
      checks: { database: true },
    });
  });

  it('is not ready, but live, without its schema or its database', async () => {
    world = await DoorWorld.open();
    await readiness(200);
    await world.database.run('ALTER SCHEMA expunge RENAME TO elsewhere');
    const response = await readiness(503);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await told(response)).toEqual({
      status: 503,
      msg: 'Service Unavailable',
      code: 503,
      reason: 'UNAVAILABLE',
      details: [{ field: 'database', problem: 'not ready', expected: 'ready' }],
    });
    await world.database.run('ALTER SCHEMA elsewhere RENAME TO expunge');
    await readiness(200);
    await world.database.dataSource.destroy();
    await readiness(503);
    expect((await fetch(`${world.url}/health/live`)).status).toBe(200);
    await world.database.dataSource.initialize();
  });

  it('asks whatever check a module provides; an error or silence is a no', async () => {
    const check = new Switch();
    world = await DoorWorld.open({}, [], [{ provide: Switch, useValue: check }]);
    expect(await (await readiness(200)).json()).toMatchObject({ checks: { database: true, switch: true } });
    check.answer = () => Promise.reject(new Error('marked'));
    const refused = await told(await readiness(503));
    expect(refused.details).toEqual([{ field: 'switch', problem: 'not ready', expected: 'ready' }]);
    check.answer = () => Promise.resolve(true);
    await readiness(200);
    check.answer = () => new Promise(() => undefined);
    await readiness(503);
  });

  it('tells its numbers by route template and status, never by what a caller wrote', async () => {
    world = await DoorWorld.open();
    await fetch(`${world.url}${LETTERS}/status/marked?marked`, { headers: { auth: await world.token() } });
    await fetch(`${world.url}/marked`);
    const response = await fetch(`${world.url}/metrics`);
    expect(response.headers.get('content-type')).toContain('version=0.0.4');
    const text = await response.text();
    expect(text).toContain(
      'expunge_http_request_duration_seconds_count{method="GET",route="/api/Letters/status/:id",status="404"} 1',
    );
    expect(text).toContain('_count{method="none",route="none",status="404"} 1');
    expect(text).toContain('process_cpu_user_seconds_total');
    expect(text).not.toContain('marked');
  });

  it('tells its numbers to callers on its own host only', async () => {
    world = await DoorWorld.open({ trustedProxies: ['127.0.0.1'] });
    const from = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(`${world.url}/metrics`, { headers })).status;
    expect(await from({})).toBe(200);
    expect(await from({ 'x-forwarded-for': '192.0.2.1' })).toBe(404);
    expect(await from({ 'x-forwarded-for': '127.0.0.2' })).toBe(200);
    await world.close();

    world = await DoorWorld.open();
    expect(await from({ 'x-forwarded-for': '127.0.0.1' })).toBe(404);
    expect(await from({ forwarded: 'for=192.0.2.1' })).toBe(404);
  });

  it('with a port for its operators is watched there, by anyone who reaches it, and not at the door', async () => {
    world = await DoorWorld.open({ opsPort: 1 });
    for (const path of ['/health/live', '/health/ready', '/metrics'])
      expect((await fetch(world.url + path)).status).toBe(404);
    ops = createOpsServer(world.app, testSettings());
    const url = await ops.listen({ host: '0.0.0.0', port: 0 });
    const elsewhere = Object.values(networkInterfaces())
      .flat()
      .find((address) => address?.family === 'IPv4' && !address.internal);
    const host = elsewhere?.address ?? '127.0.0.1';
    const at = (path: string, init: RequestInit = {}): Promise<Response> =>
      fetch(`http://${host}:${new URL(url).port}${path}`, init);
    expect(await (await at('/Health/live/')).json()).toEqual({ status: 'live' });
    expect(await (await at('/health/ready')).json()).toMatchObject({ status: 'ready' });
    expect((await at('/metrics')).status).toBe(200);
    const unknown = await at('/api/Letters', { method: 'POST' });
    expect(unknown.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(unknown.headers.get('cache-control')).toBe('no-store');
    expect(await told(unknown)).toMatchObject({ status: 404, reason: 'UNKNOWN_PATH' });
    const refused = await at('/metrics', { method: 'DELETE' });
    expect(refused.headers.get('allow')).toBe('GET, HEAD');
    expect(refused.status).toBe(405);
  });
});
