import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type SettingsValues } from '../../../src/config/settings.js';
import { BulkUpload } from '../../support/bulk-upload.js';
import { DoorWorld, LETTERS, OTHER_ACCOUNT, told } from './door-world.js';

const LINES = `${LETTERS}/lines`;

describe('a route that takes lines', () => {
  let world: DoorWorld;
  let token: string;
  afterEach(() => world.close());

  const open = async (settings: Partial<SettingsValues> = {}): Promise<void> => {
    world = await DoorWorld.open(settings);
    token = await world.token();
  };
  const post = (body: string, headers: Record<string, string> = {}, path = LINES): Promise<Response> =>
    fetch(world.url + path, {
      method: 'POST',
      headers: { auth: token, 'content-type': 'application/x-ndjson', ...headers },
      body,
    });
  const upload = (by = token): BulkUpload => BulkUpload.to({ url: world.url, token: by }, {}, LINES);

  it('takes them as application/x-ndjson alone, and no other route does', async () => {
    await open();
    expect(await (await post('1\n2\n')).json()).toEqual({ count: 2 });
    expect((await post('1\n', { 'content-type': 'Application/X-NDJSON; charset=utf-8' })).status).toBe(200);
    for (const type of ['application/json', 'text/plain', 'application/x-ndjson; charset=latin1'])
      expect(await told(await post('1\n', { 'content-type': type }))).toMatchObject({
        status: 415,
        details: [{ field: 'headers', expected: 'application/x-ndjson in UTF-8' }],
      });
    expect((await post('1\n', { 'content-encoding': 'gzip' })).status).toBe(415);
    expect((await post('{"text":"a"}', {}, LETTERS)).status).toBe(415);
  });

  it('refuses what is too large by what it says of itself, and else when it is', async () => {
    await open();
    const tooLarge = '1'.repeat(60_000) + '\n';
    expect((await told(await post(tooLarge.repeat(17)))).status).toBe(413);
    const lines = upload();
    for (let n = 0; n < 17; n += 1) await lines.write(tooLarge);
    expect(await lines.answer).toMatchObject({ status: 413, error: { reason: 'BODY_TOO_LARGE' } });
  });

  it('checks token and limit before it asks for the first byte', async () => {
    await open({ bulkEntriesPerHour: 3 });
    const silent = async (by: string): Promise<number | undefined> => (await upload(by).answer)?.status;
    expect(await silent('nonsense')).toBe(401);
    expect((await post('1\n2\n3\n')).status).toBe(200);
    expect(await silent(token)).toBe(429);
    expect(await (await post('1\n', { 'content-type': 'text/plain' })).json()).toMatchObject({
      errors: [{ reason: 'RATE_LIMITED' }],
    });
  });

  it('counts what comes against the account, by entries, and says when there is room', async () => {
    await open({ bulkEntriesPerHour: 3 });
    expect((await post('1\n2\n')).status).toBe(200);
    const refused = await post('1\n2\n');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3_500);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(3_660);
    // What was refused does not count.
    expect((await post('1\n')).status).toBe(200);
    token = await world.token({ accountId: OTHER_ACCOUNT });
    expect((await post('1\n2\n3\n')).status).toBe(200);
  });

  it('counts the call as other erase calls too, whatever becomes of it', async () => {
    await open({ rateLimitPerMinute: 3 });
    expect((await post('x\n')).status).toBe(400);
    expect((await post('1\n')).status).toBe(200);
    expect((await post('{"text":"a"}', { 'content-type': 'application/json' }, LETTERS)).status).toBe(200);
    const refused = await post('1\n');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect((await post('{"text":"a"}', { 'content-type': 'application/json' }, LETTERS)).status).toBe(429);
  });

  it('is open for as long as lines come, whatever the time of other bodies', async () => {
    await open({ requestTimeoutMs: 300, uploadSilenceMs: 10_000 });
    const lines = upload();
    const until = Date.now() + 1_500;
    while (Date.now() < until) {
      await lines.send(1);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect((await lines.end())?.status).toBe(200);
  });

  it('answers at once what it refuses, and cuts off a client who goes on sending for too long', async () => {
    await open({ requestTimeoutMs: 500 });
    const { hostname, port } = new URL(world.url);
    const socket = connect(Number(port), hostname);
    const head = [`POST ${LINES} HTTP/1.1`, 'host: x', `auth: ${token}`, 'content-length: 900000'];
    socket.write([...head, 'content-type: application/x-ndjson', '', '"refuse"\n'].join('\r\n'));
    const [first] = await new Promise<Buffer[]>((resolve) => {
      socket.once('data', (data) => {
        resolve([data]);
      });
    });
    expect(String(first)).toMatch(/^HTTP\/1\.1 409 /);
    const dripping = setInterval(() => socket.write('"more"\n'), 20);
    await new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve));
    clearInterval(dripping);
    await world.noConnections();
  });
});
